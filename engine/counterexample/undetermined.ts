/** A trace that does not do the same again: which step of it is to blame, said for whoever wrote it. */
import { Misuse } from '../authoring/misuse.ts'
import type { Describe, Explore, MoveName } from '../system.ts'
import type { Trace } from './trace.ts'

const CAUSE =
  'It depends on something that is in no field: a variable outside the function, an object that is kept, a clock or a random number. Keep it in a field, or let the environment pick with choose().'

/** A step was taken and cannot be taken again, or does not do the same. */
export const notTheSame = ({ fn, step }: MoveName, why: string): Misuse =>
  new Misuse(`${fn}() in its step "${step}" does not do the same again: ${why}. ${CAUSE}`)

/** A violation that its own trace does not show again. */
export function gone(system: Explore & Describe, rule: string, trace: Trace): Misuse {
  const first = statesOf(system, trace)
  const second = statesOf(system, trace)
  for (const [i, name] of trace.entries()) {
    const [one, other] = [first[i], second[i]]
    if (one === undefined || other === undefined)
      return notTheSame(name, 'it was taken on the way to a violation and cannot be taken now')
    if (one !== other) return notTheSame(name, 'it left another state each time')
  }
  return new Misuse(
    `${rule} was found violated, and the same ${trace.length} steps, the last of them ${trace.at(-1)?.fn ?? 'none'}() › "${trace.at(-1)?.step ?? ''}", do not violate it again. A step on the way, or the property, ${CAUSE.replace('It depends', 'depends')}`,
  )
}

/** The state after each step, until one cannot be taken. */
function statesOf(system: Explore & Describe, trace: Trace): string[] {
  system.reset()
  const states: string[] = []
  for (const name of trace) {
    const found = system.find(name)
    if ('blocked' in found) break
    system.fire(found.move)
    states.push([...system.words, ...system.reports.map(({ kind }) => kind)].join())
  }
  return states
}
