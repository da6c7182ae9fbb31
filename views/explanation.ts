/** A behaviour of the model that leads to what a log shows, as a ladder. */
import type { Explained } from '../logs/explain.ts'
import type { Design } from '../model/design.ts'
import { situationOf } from '../verify/behaviour/behaviour.ts'
import { wrap } from './columns.ts'
import { ladder } from './ladder.ts'

const WIDTH = 72

export function explanationText(design: Design, explained: Explained): string {
  const { situation, scope, found, states, complete } = explained
  const head = wrap(`${situation.of}: ${situation.says}`, WIDTH)
  if (found === undefined) {
    const searched =
      states === 0
        ? `${situation.id} is not asked of ${design.id} in any of the scopes that are searched`
        : complete
          ? `no behaviour of ${design.id} leads there: every one of the ${states} states of scope ${scope.name} was visited`
          : `no behaviour of ${design.id} was found that leads there, in ${states} states of scope ${scope.name}; more were not searched`
    return [...head, ...wrap(searched, WIDTH)].join('\n')
  }
  const counterexample = { property: situation.id, detail: found.detail, scope }
  return [
    ...head,
    ...wrap(
      `this is how a kernel of ${design.id} gets there, with counts as small as they can be (scope ${scope.name}, ${found.trace.length} steps):`,
      WIDTH,
    ),
    '',
    ladder(situationOf(design, counterexample, found.trace)),
  ].join('\n')
}
