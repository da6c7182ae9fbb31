/** Bounds that do not go together. */
import { everyBound, type Bound, type DriverName, type Scope } from './bounds.ts'

/** Drivers that make a second pool. */
const SECOND_POOL: ReadonlySet<DriverName> = new Set([
  'queue-restart',
  'queue-restart-waits',
  'queue-restart-waits-early',
  'late-unlink',
])

/** What keeps the bounds of a scope from going together, in a sentence that says the way out, or undefined. */
export function contradiction(s: Scope): string | undefined {
  for (const [bound, it] of everyBound) {
    const wrong = alone(bound, it, s[bound])
    if (wrong !== undefined) return wrong
  }
  const told = 2 ** (s.counterBits - 1) - 1
  if (s.pages > told)
    return `counters of ${s.counterBits} bits tell at most ${told} pages in flight from a negative count: take fewer pages than ${s.pages}, or more counterBits.`
  const start = s.counterStarts.find((it) => it >= 2 ** s.counterBits)
  if (start !== undefined)
    return `counters of ${s.counterBits} bits cannot start at ${start}: take more counterBits, or another counterStarts.`
  if (s.bulk > s.cacheSize)
    return `a bulk of ${s.bulk} does not fit into a cache of ${s.cacheSize}: take a bulk of ${s.cacheSize} or less.`
  const pools = SECOND_POOL.has(s.driver) ? 2 : 1
  if (s.pools !== pools)
    return `the driver ${s.driver} makes ${pools === 1 ? 'one pool' : 'two pools'}: take pools=${pools}.`
  if (s.holders.includes('defer') && !s.holders.includes('socket'))
    return 'an skb is deferred by the reader of a socket: take socket with defer.'
  return undefined
}

/** What is wrong with the value of one bound, whatever the others are. */
function alone(name: string, { kind, kernelOnly }: Bound, value: unknown): string | undefined {
  if (kernelOnly === true && value === true)
    return `the kernel's own sizes are replayed, not searched: leave out ${name}.`
  if (kind === 'several' && Array.isArray(value) && new Set(value).size < value.length)
    return `${name} names one of them twice.`
  return undefined
}
