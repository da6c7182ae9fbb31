/** Every family, in the order in which lists name them. */
import type { Family } from './family.ts'
import { registration } from './mem-id/family.ts'
import { numa } from './numa/family.ts'
import { ptrRing } from './ptr-ring/family.ts'
import { pool } from './shutdown/family.ts'

export { numa, pool, ptrRing, registration }
export type { Family } from './family.ts'

export const families: readonly Family[] = [pool, numa, registration, ptrRing]
