/** Scopes that are searched many times over by one test: what is kept of `corner` is every kind of step. */
import { designs, type Design } from '../../model/designs.ts'
import { parseScope } from '../../model/scope/parse.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { scopes } from '../../model/scope/named.ts'
import { numa, pool, registration, type Family } from '../../model/families.ts'
import { everyDesign } from './every-design.ts'

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

/** `small`, with two nodes where a design is about nodes. */
export const smallOf = ({ family }: Design): Scope =>
  family === numa ? { ...scopes.small, nodes: 2 } : family.scopes.small

/** Designs that are more than another one in a world of its own. */
const inTheirWorld = designs.filter(({ scopes: its }) => its?.searched.length !== 0)
/** The same, nodes apart. */
export const searchedDesigns: readonly Design[] = inTheirWorld.filter(
  ({ family }) => family !== numa,
)
/** One of each family: the others share its functions. */
const samples: ReadonlySet<string> = new Set([
  'linux-6.12',
  'numa-refill-merged',
  'mem-id-insert-fixed',
])
const isSample = ({ id }: Design): boolean => samples.has(id)
/** Where two ways of exploring are compared. */
export const comparedDesigns: readonly Design[] = inTheirWorld.filter(
  (design) => everyDesign || isSample(design),
)
/** Of the designs that are not about nodes, those that go through a larger scope as well. */
export const inDepth = (design: Design): boolean =>
  design.family !== numa && everyDesign && isSample(design)
/** Is everything to be asked of this design, or only what needs little time? */
export const inFull = (design: Design): boolean => everyDesign || isSample(design)
