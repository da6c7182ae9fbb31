/** Actions as they are told apart and spoken of. */
import type { Action, CallAction } from '../step.ts'

export const isCall = (action: Action): action is CallAction => action.kind === 'call'
export const KINDS: ReadonlySet<string> = new Set([
  'step',
  'when',
  'choose',
  'call',
  'again',
  'has',
])
/** Said of every step that leaves something in a variable. */
export const CAPTURED =
  'States that differ in it alone are taken for one, and a verdict would be worth nothing. Let the step return what it saw, as in const seen = yield* step(...), or keep it in a field.'
export const inBrackets = (place: string | undefined): string =>
  place === undefined ? '' : ` (${place})`
export const isIterator = (it: unknown): boolean =>
  typeof it === 'object' && it !== null && 'next' in it
export const afterThat = (action: Action | undefined): string =>
  action === undefined ? 'before its first step' : `after "${labelOf(action)}"`
/** Two steps of one label that do not do the same. */
export const isTwin = (one: Action, other: Action): boolean =>
  'effect' in one &&
  'effect' in other &&
  one.label === other.label &&
  one.effect !== other.effect &&
  one.effect.toString() !== other.effect.toString()
export const returnOf = (value: unknown): string =>
  value === undefined ? 'return' : `return ${String(value)}`
export const labelOf = (action: Action): string =>
  'label' in action ? action.label : `call ${action.name}(${action.args.join(', ')})`
