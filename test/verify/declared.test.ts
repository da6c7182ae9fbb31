/** What authors and users write wrong about scopes and designs is said, and with a way out. */
import { describe, expect, it } from 'vitest'
import { designs } from '../../model/designs.ts'
import { contradiction } from '../../model/scope/contradiction.ts'
import { parseScope } from '../../model/scope/parse.ts'
import { scopes } from '../../model/scope/named.ts'
import { misdeclared } from '../../verify/declared.ts'

describe('a scope whose bounds do not go together is refused', () => {
  it.each([
    ['small,pages=4', 'counters of 3 bits tell at most 3 pages in flight'],
    ['medium,counterBits=2', 'counters of 2 bits tell at most 1 pages in flight'],
    ['medium,bulk=2', 'a bulk of 2 does not fit into a cache of 1'],
    ['corner,counterBits=2', 'cannot start at 7'],
    ['small,driver=queue-restart', 'makes two pools: take pools=2'],
    ['small,pools=2', 'makes one pool: take pools=1'],
    ['small,holders=socket+socket', 'names one of them twice'],
    ['small,holders=defer', 'take socket with defer'],
    ['constructor', 'there is no scope "constructor"'],
    ['small,toString=1', '"toString" is no bound of a scope'],
    ['small,driver=nics', 'drivers are nic, queue-restart'],
  ])('%s', (text, says) => {
    expect(() => parseScope(text)).toThrow(says)
  })
  it('and every named one is not', () => {
    for (const scope of Object.values(scopes))
      expect(contradiction(scope), scope.name).toBe(undefined)
  })
})

describe('a design that declares what there is not', () => {
  const [design] = designs
  it('is found out by the name, wherever it stands', () => {
    const wrong = {
      ...design!,
      breaks: { 'no-unmap-after-unbnd': 'x' },
      worlds: { 'queue-restart': { keeps: { 'no-deadlok': 'x' } } },
      neverEnds: { 'it-ends': 'x' },
    }
    expect(misdeclared(wrong).map(({ field, name }) => `${field} ${name}`)).toEqual([
      'breaks no-unmap-after-unbnd',
      "worlds['queue-restart'].keeps no-deadlok",
      'neverEnds it-ends',
    ])
  })
  it('is not among those that are here', () => {
    expect(designs.flatMap(misdeclared)).toEqual([])
    expect(new Set(designs.map(({ id }) => id)).size).toBe(designs.length)
  })
})
