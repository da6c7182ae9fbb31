import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Counterexample } from '../../verify/counterexample.ts'

/** A saved counterexample to make mistakes in. */
export const DESIGN = 'mem-id-insert-leak'
export const PROPERTY = 'no-mem-id-leaked'
export const original = readFileSync(
  fileURLToPath(new URL(`../../counterexamples/${DESIGN}/${PROPERTY}.json`, import.meta.url)),
  'utf8',
)
export const { steps } = JSON.parse(original) as Counterexample

type Loose = Record<string, unknown> & { steps: unknown[]; scope: Record<string, unknown> }
/** The same with something changed in it. */
export function edited(edit: (it: Loose) => void): string {
  const it = JSON.parse(original) as Loose
  edit(it)
  return JSON.stringify(it, null, 2)
}
