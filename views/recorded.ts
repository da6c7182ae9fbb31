/** What of a run comes from verdicts.json, and what became of that file. */
import type { Verdict } from '../verify/verdict.ts'
import type { WrongRecord } from '../verify/record/records.ts'

const RECORD = 'verdicts.json'

/** Said before the work: what is not going to be searched. */
export const announced = (fitting: number, all: number): string =>
  `${RECORD} has the verdicts of ${fitting === all ? `all ${all}` : `${fitting} of ${all}`} designs as they are now: of ${fitting === 1 ? 'that one' : 'these'} the first scope is searched again and every saved counterexample is replayed; --all searches everything`

/** Below the table: which verdicts are recorded ones, and which were searched for. */
export function recordedLines(verdicts: readonly Verdict[]): readonly string[] {
  const of = (from: Verdict['from']): readonly string[] => [
    ...new Set(verdicts.flatMap((it) => (it.from === from ? [it.design] : []))),
  ]
  const recorded = of('record')
  const full = of('search').filter((id) => !recorded.includes(id))
  if (recorded.length === 0) return []
  const again = new Set(
    verdicts
      .filter((it) => it.from === 'record')
      .flatMap(({ searched }) => searched.filter(({ from }) => from === 'search'))
      .map(({ scope }) => scope),
  )
  return [
    `recorded: ${designs(recorded.length)}, other worlds included, from ${RECORD}, whose digests fit; of each the first scope was searched again now (${[...again].join('; ')}), and every saved counterexample was replayed ("--all" searches everything)`,
    ...(full.length === 0 ? [] : [`searched in full: ${full.join(', ')}`]),
  ]
}
const designs = (n: number): string => `${n} design${n === 1 ? '' : 's'}`

/** A paragraph for each design of which the record says what is not so. */
export function wrongRecords(wrong: readonly WrongRecord[]): readonly string[] {
  return [...new Set(wrong.map(({ design }) => design))].map((id) => {
    const its = wrong.filter(({ design }) => design === id)
    const more = its.length > 1 ? ` (and ${its.length - 1} more)` : ''
    return `WRONG RECORD: ${RECORD} ${its[0]!.wrong}${more} for ${id}, though its digest fits. The design was searched in full, and the verdicts above are those of that search. The record was edited, or a search does not find what it found: compare ${RECORD} with its last version (git diff).`
  })
}
export const rewritten = (ids: readonly string[]): string =>
  `${RECORD} was written: ${ids.join(', ')}. Commit it with the change.`
