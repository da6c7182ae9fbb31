/** What is not as a design declares, a paragraph for each thing. */
import { reasonOf, type Design } from '../model/designs/design.ts'
import type { Verdict } from '../verify/verdict.ts'

export function unexpected(verdict: Verdict, design: Design): readonly string[] {
  const { property, world, outcome, ways, gone } = verdict
  const where = world === undefined ? '' : ` in the world ${world}`
  const { breaks } = world === undefined ? design : (design.worlds?.[world] ?? {})
  const isDeclared = breaks !== undefined && Object.hasOwn(breaks, property)
  const fresh = ways
    .filter((it) => !it.isDeclared)
    .map(
      ({ way, length, path, unsaved }) =>
        `UNEXPECTED: ${design.id} breaks ${property}${where}${isDeclared ? ' in a way that is not declared' : ''}: "${way}" (${length} steps, ${unsaved === undefined ? path : 'not saved'}).`,
    )
  if (isDeclared && outcome !== 'violated')
    return [
      `UNEXPECTED: ${design.id} is expected to break ${property}${where} (${reasonOf(breaks, property)}) and no longer does. The design was mended, or the harness went blind.`,
    ]
  const missing = gone.map(
    (way) =>
      `UNEXPECTED: ${design.id} declares that it breaks ${property}${where} by "${way}", and nothing was found that does. The design was mended there, or the harness went blind.`,
  )
  return [...fresh, ...missing]
}

/** What to do about a violation that no design declares. */
export const advice =
  'If a design is at fault, declare the way, with the reason, in its "breaks"; if the model or the property is, mend that.'
