/** One design against its promises, in every world it is held in. */
import { worldsOf, type Design } from '../model/design.ts'
import type { WorldName } from '../model/scope/worlds.ts'
import type { Property } from '../properties/property.ts'
import type { VerifyEvent } from './event.ts'
import type { VerifyOptions } from './options.ts'
import { EVERYWHERE, type Worlds } from './record/record.ts'
import type { Verdict } from './verdict.ts'
import { Verification } from './verification.ts'

/** @param recorded verdicts whose digest fits: only what was saved and the first scope is explored anew. */
export function verifyDesign(
  design: Design,
  properties: readonly Property[],
  options: VerifyOptions,
  emit: (event: VerifyEvent) => void = () => {},
  recorded?: Worlds,
): readonly Verdict[] {
  const verification = (world: WorldName | undefined, tell = emit): Verification =>
    new Verification(design, properties, options, tell, world)
  const checked = recorded && recheck(design, recorded, verification, emit)
  return checked ?? worldsIn(design).flatMap((world) => verification(world).run())
}
const worldsIn = (design: Design): readonly (WorldName | undefined)[] => [
  ...(design.scopes?.searched.length === 0 ? [] : [undefined]),
  ...worldsOf(design),
]

/** Nothing when the record is not taken. What was told of saved counterexamples is told again then, and not here. */
function recheck(
  design: Design,
  recorded: Worlds,
  verification: (world: WorldName | undefined, tell: typeof emit) => Verification,
  emit: (event: VerifyEvent) => void,
): readonly Verdict[] | undefined {
  const held: VerifyEvent[] = []
  const tell = (event: VerifyEvent): void => {
    if (event.type === 'saved' || event.type === 'unusable') held.push(event)
    else emit(event)
  }
  const verdicts: Verdict[] = []
  for (const [i, world] of worldsIn(design).entries()) {
    const its = recorded[world ?? EVERYWHERE]
    const checked = its === undefined ? {} : verification(world, tell).recheck(its, i === 0)
    if (!('length' in checked)) {
      emit({ type: 'unlike-record', design: design.id, ...checked })
      return undefined
    }
    verdicts.push(...checked)
  }
  for (const event of held) emit(event)
  return verdicts
}
