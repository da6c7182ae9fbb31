/** A counterexample as it is pasted into a mail: the ladder, and below it what it takes and where it holds. */
import type { Design, OtherWorld } from '../model/designs/design.ts'
import { worldSays, type Scope, type WorldName } from '../model/scope.ts'
import type { Behaviour } from './behaviour.ts'
import { WIDTH, wrap } from './columns.ts'
import { ladder } from './ladder.ts'
import { needsOf } from './needs.ts'

export const story = (design: Design, behaviour: Behaviour): string =>
  [ladder(behaviour), '', ...facts(design, behaviour)].join('\n')

function facts(design: Design, behaviour: Behaviour): string[] {
  const { property, scope } = behaviour.counterexample
  const reason = reasonOf(design, property, scope)
  return [
    ...(reason === undefined ? [] : row('why', reason)),
    ...needsOf(design, behaviour).flatMap((need, i) => row(i === 0 ? 'needs' : '', need)),
    ...row('scope', scopeText(design, scope)),
    ...row('design', `${design.id}: ${design.source}`),
    ...row('steps', `${behaviour.moments.length}; "replay --steps" has each, with what it changed`),
  ]
}
/** Why the design says it breaks this: in the world of the scope, or everywhere. */
function reasonOf(design: Design, property: string, scope: Scope): string | undefined {
  const there: OtherWorld | undefined = design.worlds?.[scope.name as WorldName]
  const reasons = there?.breaks?.[property] === undefined ? design.breaks : there.breaks
  const mine = reasons[property]
  if (mine === undefined || !SAME.test(mine)) return mine
  const before = Object.keys(reasons).slice(0, Object.keys(reasons).indexOf(property))
  const meant = before.map((id) => reasons[id]!).findLast((reason) => !SAME.test(reason))
  return meant === undefined ? mine : `${mine}. That is: ${meant}`
}
/** A reason that goes on from the one before it. */
const SAME = /^the same\b/
function scopeText({ family }: Design, scope: Scope): string {
  const { name, pages, rxqs, ids } = scope
  const says = (worldSays as Readonly<Record<string, string>>)[name]
  const some = pages === 1 ? '1 page' : `${pages} pages`
  const size = family === 'registration' ? `${rxqs} RX queues, ${ids} ids` : some
  return `${name} (${size})${says === undefined ? '' : `: ${says}`}`
}

const MARGIN = 8
const row = (head: string, text: string): string[] =>
  wrap(text, WIDTH - MARGIN).map((piece, i) => (i === 0 ? head : '').padEnd(MARGIN) + piece)
