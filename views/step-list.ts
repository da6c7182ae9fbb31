/** Every step of a behaviour in one column, with what came out of it and what it changed. */
import type { Scope } from '../model/scope/bounds.ts'
import type { Behaviour } from '../verify/behaviour/behaviour.ts'
import type { Change, Moment } from '../verify/behaviour/moment.ts'
import { slotName, slotValue } from '../verify/behaviour/names.ts'

export function stepList({ moments, noReturn, counterexample }: Behaviour): string {
  const { scope, property, detail } = counterexample
  const lines = moments.flatMap((moment, i) => [
    `${String(i + 1).padStart(3)}  ${moment.name.context.padEnd(14)} ${says(moment)}`,
    ...moment.changed.flatMap((change) => changed(change, scope)),
    ...moment.reports.map((report) => `     ! ${report}`),
    ...(i === noReturn && i < moments.length - 1 ? ['       --- point of no return ---'] : []),
  ])
  return [...lines, `\n*** ${property}: ${detail}`].join('\n')
}
function says({ name: { fn, step, choice }, outcome }: Moment): string {
  if (step === 'start') return choice === undefined ? fn : `${fn} (${String(choice)})`
  return `${fn} > ${step}${outcome === undefined ? '' : ` -> ${outcome}`}`
}
function changed({ slot, from, to }: Change, scope: Scope): string[] {
  const name = slotName(slot, scope)
  if (name === undefined) return []
  return [`       ${name}: ${slotValue(slot, from, scope)} -> ${slotValue(slot, to, scope)}`]
}
