/** Was a mutant caught as it should be? Compares what the design broke with what the mutant broke. */
import type { Explored } from './exploration.ts'
import type { Expected } from './mutant.ts'

/**
 * - `caught`: as expected of it.
 * - `missed`: the change is not seen.
 * - `equivalent`: declared to change nothing, and it changed no verdict.
 * - `void`: says nothing, as model and mutant are not what they take each other for.
 */
export type Outcome = 'caught' | 'missed' | 'equivalent' | 'void'
export interface Judgement {
  readonly outcome: Outcome
  /** Length of the counterexample, when there is one. */
  readonly steps?: number
  /** Why it was missed or is void. */
  readonly detail?: string
}
/** An exploration of a mutant, or the error that ended it. */
export type Attempt = Explored & { readonly thrown?: string }

export function judge(expected: Expected, clean: Explored, mutant: Attempt): Judgement {
  if (!clean.complete) return isVoid('the design itself was not searched to the end')
  if (mutant.thrown !== undefined) return missed(`the model threw: ${mutant.thrown}`)
  if ('violates' in expected) return violated(expected.violates, clean, mutant)
  if (!mutant.complete) return missed(`not searched to the end: ${mutant.states} states`)
  return 'loses' in expected
    ? lost(expected.loses, clean, mutant)
    : unchanged(difference(clean, mutant))
}

const missed = (detail: string): Judgement => ({ outcome: 'missed', detail })
const isVoid = (detail: string): Judgement => ({ outcome: 'void', detail })

function violated(property: string, clean: Explored, mutant: Explored): Judgement {
  if (clean.found.has(property)) return isVoid(`the design itself breaks ${property}`)
  const steps = mutant.found.get(property)
  if (steps !== undefined) return { outcome: 'caught', steps }
  if (!mutant.complete) return missed(`not searched to the end: ${mutant.states} states`)
  const others = moreThan(clean, mutant)
  return missed(
    others.length === 0
      ? 'nothing else is violated either'
      : `violated instead: ${others.join(', ')}`,
  )
}

function lost(property: string, clean: Explored, mutant: Explored): Judgement {
  if (!clean.found.has(property)) return isVoid(`the design itself does not break ${property}`)
  return mutant.found.has(property) ? missed('it is still violated') : { outcome: 'caught' }
}

const unchanged = (changed: string): Judgement =>
  changed === '' ? { outcome: 'equivalent' } : isVoid(`declared equivalent, but ${changed}`)

function difference(clean: Explored, mutant: Explored): string {
  const more = moreThan(clean, mutant)
  const fewer = moreThan(mutant, clean)
  return [
    ...(more.length > 0 ? [`it breaks ${more.join(', ')}`] : []),
    ...(fewer.length > 0 ? [`it no longer breaks ${fewer.join(', ')}`] : []),
  ].join(' and ')
}
const moreThan = (one: Explored, other: Explored): string[] =>
  [...other.found.keys()].filter((property) => !one.found.has(property))
