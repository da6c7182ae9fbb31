/** A counterexample as it is pasted into a mail: the ladder, and below it what it takes and where it holds. */
import { reasonOf, type Breaks, type Design } from '../model/design.ts'
import { worldSays, type WorldName } from '../model/scope/worlds.ts'
import type { Scope } from '../model/scope/bounds.ts'
import type { Behaviour } from '../verify/behaviour/behaviour.ts'
import { WIDTH, wrap } from './columns.ts'
import { ladder } from './ladder.ts'
import { covers } from '../verify/ways.ts'
import { needsOf } from '../verify/behaviour/needs.ts'

export const story = (design: Design, behaviour: Behaviour): string =>
  [ladder(behaviour), '', ...facts(design, behaviour)].join('\n')

function facts(design: Design, behaviour: Behaviour): string[] {
  const { property, scope } = behaviour.counterexample
  const reason = reasonFor(design, property, scope, behaviour.way)
  return [
    ...(behaviour.way === undefined ? [] : row('way', behaviour.way)),
    ...(reason === undefined ? [] : row('why', reason)),
    ...needsOf(design, behaviour).flatMap((need, i) => row(i === 0 ? 'needs' : '', need)),
    ...row('scope', scopeText(design, scope)),
    ...row('design', `${design.id}: ${design.source}`),
    ...row('steps', `${behaviour.moments.length}; "replay --steps" has each, with what it changed`),
  ]
}
/** Why the design says it breaks this, and in this way: in the world of the scope, or everywhere. */
function reasonFor(
  design: Design,
  property: string,
  scope: Scope,
  way: string | undefined,
): string | undefined {
  const there = design.worlds?.[scope.name as WorldName]?.breaks
  const breaks = there?.[property] === undefined ? design.breaks : there
  const mine = reasonOfWay(breaks, property, way)
  if (mine === undefined || !SAME.test(mine)) return mine
  const before = Object.keys(breaks).slice(0, Object.keys(breaks).indexOf(property))
  const meant = before.map((id) => reasonOf(breaks, id)!).findLast((reason) => !SAME.test(reason))
  return meant === undefined ? mine : `${mine}. That is: ${meant}`
}
function reasonOfWay(breaks: Breaks, property: string, way: string | undefined) {
  const declared = breaks[property]
  if (typeof declared !== 'object' || way === undefined) return reasonOf(breaks, property)
  return Object.entries(declared).find(([name]) => covers(name, way))?.[1]
}
/** A reason that goes on from the one before it. */
const SAME = /^the same\b/
function scopeText({ family }: Design, scope: Scope): string {
  const { name } = scope
  const says = (worldSays as Readonly<Record<string, string>>)[name]
  return `${name} (${family.size(scope)})${says === undefined ? '' : `: ${says}`}`
}

const MARGIN = 8
const row = (head: string, text: string): string[] =>
  wrap(text, WIDTH - MARGIN).map((piece, i) => (i === 0 ? head : '').padEnd(MARGIN) + piece)
