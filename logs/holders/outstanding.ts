/** Who has the pages of a pool that was not freed: where they were last seen, and for how long. */
import type { AgeBucket, HolderGroup, Holders } from '../report/pool.ts'
import { taskName } from '../text/prefix.ts'
import { HEX_PFN } from '../text/values.ts'
import type { Where } from '../text/where.ts'

/** A page that is out, and where it was held. */
export interface HeldPage extends Where {
  readonly page: number
  readonly pointer: number
  readonly task: string
  /** Innermost first, a line each; '' where the capture has no stacks. */
  readonly stack: string
}

/** More groups than this are added up. */
const MOST_GROUPS = 24
const EXAMPLES = 8
/** Upper ends of the age buckets, in seconds. */
const AGES = [0.001, 0.01, 0.1, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 86_400]

/** `last`: the end of the capture, to which ages are counted. */
export function holdersOf(held: readonly HeldPage[], last: Where): Holders {
  const groups = new Map<string, { group: Omit<HolderGroup, 'pages'>; pages: number }>()
  const ages = Array.from({ length: AGES.length + 1 }, () => 0)
  for (const { cpu, task, stack, line, time } of held) {
    const key = `${cpu} ${task} ${stack}`
    const known = groups.get(key)
    if (known === undefined)
      groups.set(key, {
        group: {
          cpu: cpu < 0 ? null : cpu,
          task: taskName(task),
          stack: stack === '' ? [] : stack.split('\n'),
          firstLine: line,
        },
        pages: 1,
      })
    else known.pages += 1
    const age = last.time - time
    if (!Number.isNaN(age)) ages[bucketOf(age)]! += 1
  }
  const sorted = [...groups.values()].sort((a, b) => b.pages - a.pages)
  const listed = sorted.slice(0, MOST_GROUPS)
  return {
    pages: held.length,
    groups: listed.map(({ group, pages }) => ({ ...group, pages })),
    others: sorted.slice(MOST_GROUPS).reduce((sum, { pages }) => sum + pages, 0),
    ages: trimmed(ages),
    examples: held.slice(0, EXAMPLES).map((it) => ({ page: nameOf(it), line: it.line })),
  }
}
const bucketOf = (age: number): number => {
  const i = AGES.findIndex((end) => age < end)
  return i < 0 ? AGES.length : i
}
const nameOf = ({ page, pointer }: HeldPage): string =>
  page >= 0 ? `pfn 0x${(page % HEX_PFN).toString(16)}` : `page ${pointer.toString(16)}`

/** The buckets from the first to the last that has pages. */
function trimmed(ages: readonly number[]): AgeBucket[] {
  const from = ages.findIndex((n) => n > 0)
  const to = ages.findLastIndex((n) => n > 0)
  if (from < 0) return []
  return ages.slice(from, to + 1).map((pages, i) => ({
    from: AGES[from + i - 1] ?? 0,
    to: AGES[from + i] ?? Infinity,
    pages,
  }))
}
