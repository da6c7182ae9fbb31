/** What is not as a design declares, a paragraph for each thing. */
import { reasonOf, type Design } from '../model/design.ts'
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
      `UNEXPECTED: ${design.id} is expected to break ${property}${where} (${reasonOf(breaks, property)}) and no longer does.`,
    ]
  const missing = gone.map(
    (way) =>
      `UNEXPECTED: ${design.id} declares that it breaks ${property}${where} by "${way}", and nothing was found that does.`,
  )
  return [...fresh, ...missing]
}

/** What to do about it, once. */
export function advice(verdicts: readonly Verdict[]): readonly string[] {
  const isNew = verdicts.some(({ ways }) => ways.some(({ isDeclared }) => !isDeclared))
  const isGone = verdicts.some(({ gone, ways }) => gone.length > 0 || ways.length === 0)
  return [
    ...(isNew
      ? [
          'Where the design is at fault, declare the way, with the reason, in its "breaks"; where the model or the property is, mend that.',
        ]
      : []),
    ...(isGone
      ? ['A declared violation that is gone: the design was mended, or the harness went blind.']
      : []),
  ]
}
