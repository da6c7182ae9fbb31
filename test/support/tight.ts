/** Scopes that are searched many times over by one test: what is kept of `corner` is every kind of step. */
import { designs, type Design } from '../../model/designs.ts'
import { parseScope } from '../../model/scope/parse.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { numa, pool, registration, type Family } from '../../model/families.ts'

/** `corner` without failures and wraps, and with packets in sockets and TX rings only. */
export const tight: Scope = {
  ...parseScope('corner,counterStarts=0,faults=0,holders=socket+redirect'),
  name: 'tight',
}
/** Families that show what they are about with one page. The others are held in scopes of their own. */
const withOnePage: ReadonlySet<Family> = new Set([pool, registration])
/** What a design is held in by a test of many: the given scopes of one page, or those of its family. */
export const scopesOfTests = ({ family }: Design, onePage: readonly Scope[]): readonly Scope[] =>
  withOnePage.has(family) ? onePage : family.scopes.searched

/** Designs that are more than another one in a world of its own, nodes apart. */
export const searchedDesigns: readonly Design[] = designs.filter(
  ({ family, scopes }) => family !== numa && scopes?.searched.length !== 0,
)
/** Where two ways of exploring are compared: what differs in kind. The other designs share their functions. */
export const comparedDesigns: readonly Design[] = searchedDesigns.filter(({ id }) =>
  ['page-scan-destroy-lock', 'destroy-count-only', 'linux-6.12', 'mem-id-insert-fixed'].includes(
    id,
  ),
)
/** Of those, the ones that go through the larger scope as well. */
export const inDepth: ReadonlySet<string> = new Set(['linux-6.12', 'mem-id-insert-fixed'])
