/** Back to the model: a shortest behaviour of a design that a log like this one would be written by. */
import type { Rule } from '../engine/rules/judge.ts'
import { BreadthFirstSearch, type SearchBounds } from '../engine/search/breadth-first.ts'
import type { Trace } from '../engine/counterexample/trace.ts'
import type { Design } from '../model/design.ts'
import { machineOf, type ModelMachine } from '../model/machine.ts'
import { scopes } from '../model/scope/named.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { inFlight } from '../model/ledger/counts.ts'
import { isFreed } from '../model/ledger/pools.ts'
import type { ReportKind } from '../model/world/reports.ts'
import { properties } from '../properties/index.ts'
import { rulesFor } from '../verify/rules.ts'
import { isBroken, type Check, type LogReport } from './report.ts'

/** What the log shows, with its counts taken away. */
export interface Situation {
  /** In kebab case, as a property's id. */
  readonly id: string
  /** `pool 00000000f5a1155e, line 227`. */
  readonly of: string
  readonly says: string
  readonly rule: (machine: ModelMachine, design: Design) => Rule | undefined
}
export interface Explained {
  readonly situation: Situation
  readonly scope: Scope
  /** Undefined: no behaviour was found. */
  readonly found: { readonly trace: Trace; readonly detail: string } | undefined
  readonly states: number
  /** Every state of the scope was visited. */
  readonly complete: boolean
}

const POOL = 0 as Parameters<typeof isFreed>[1]
const SEARCHED: readonly Scope[] = [scopes.small, scopes.corner, scopes.medium]
/** For each scope. */
const BOUNDS: SearchBounds = { states: 4_000_000, milliseconds: 30_000, bytes: 2 ** 30 }

/** Situations of a log, the impossible ones first; those the model has no word for are left out. */
export function situationsOf({ pools, shutdowns, notices }: LogReport): readonly Situation[] {
  const wrong = [
    ...pools.map(({ pool, impossible }) => ({ name: `pool ${pool}`, impossible })),
    ...shutdowns,
  ].flatMap(({ name, impossible }) =>
    impossible.slice(0, 1).flatMap(({ check, says, at }) => {
      const kinds = REPORTS[check]
      const of = `${name}, line ${at.line}`
      return kinds === undefined ? [] : [{ id: kinds[0]!, of, says, rule: () => never(kinds) }]
    }),
  )
  const reported = notices.filter(isBroken).map(({ line, property, text }) => ({
    id: property,
    of: `line ${line}`,
    says: text,
    rule: (machine: ModelMachine, design: Design) =>
      rulesFor(
        machine,
        design,
        properties.filter(({ id }) => id === property),
      )[0],
  }))
  return distinct([...wrong, ...reported, ...stalls(pools, shutdowns)])
}
/** What the model's mechanisms report in the same case. The other checks are about the text alone. */
const REPORTS: Readonly<Partial<Record<Check, readonly ReportKind[]>>> = {
  negative: ['inflight-negative'],
  page: ['inflight-wrong', 'page-freed-twice'],
  taken: ['inflight-wrong'],
  'after free': ['use-of-freed-pool'],
  'freed in flight': ['pool-freed-in-flight'],
}
const never = (kinds: readonly ReportKind[]): Rule => ({
  id: SITUATION,
  never: kinds,
  exercised: () => true,
})
const SITUATION = 'as-in-the-log'

function stalls(
  pools: LogReport['pools'],
  shutdowns: LogReport['shutdowns'],
): readonly Situation[] {
  return [
    ...pools.map(({ pool, end, last, inflight, cnt }) => ({
      end,
      of: `pool ${pool}, line ${last.line}`,
      inflight,
      cnt: cnt ?? 2,
    })),
    ...shutdowns.map(({ name, end, lastLine, inflight, attempts }) => ({
      end,
      of: `${name}, line ${lastLine}`,
      inflight,
      cnt: attempts ?? 2,
    })),
  ]
    .filter(({ end, inflight }) => end === 'stalled' && inflight !== 0)
    .map(({ of, inflight, cnt }) => ({
      id: cnt > 1 ? 'stalled-after-a-retry' : 'stalled-after-destroy',
      of,
      says: `${inflight ?? 'some'} pages in flight after ${cnt} attempts`,
      rule: ({ world }) => ({
        id: SITUATION,
        always: () => {
          if (isFreed(world, POOL)) return undefined
          const { destroy_cnt, release_dw } = world.pool(POOL)
          const out = inFlight(world, POOL)
          return release_dw && destroy_cnt >= Math.min(2, cnt) && out > 0
            ? `${out} page in flight at attempt ${destroy_cnt}, and release_dw is queued again`
            : undefined
        },
        exercised: () => true,
      }),
    }))
}
const distinct = (all: readonly Situation[]): readonly Situation[] =>
  all.filter(({ id }, i) => all.findIndex((other) => other.id === id) === i)

/** What a caller may change of a search, and what it hears of it. */
export interface Asked {
  readonly states?: number
  /** The search ends when another thread sets the first element to something else than 0. */
  readonly stop?: Int32Array
  readonly onProgress?: (scope: string, states: number) => void
}
/** Searches scope after scope until one has such a behaviour. */
export function explain(design: Design, situation: Situation, asked: Asked = {}): Explained {
  const { stop, onProgress, states: most } = asked
  let last: Explained | undefined
  for (const scope of SEARCHED) {
    if (stop !== undefined && Atomics.load(stop, 0) !== 0) break
    const machine = machineOf(design, scope)
    const rule = situation.rule(machine, design)
    if (rule === undefined) continue
    const search = new BreadthFirstSearch(machine, [rule])
    const { found, states, complete } = search.run({
      ...BOUNDS,
      ...(most === undefined ? {} : { states: most }),
      ...(stop === undefined ? {} : { stop }),
      onProgress: (progress) => onProgress?.(scope.name, progress.states),
      until: [rule.id],
    })
    last = { situation, scope, found: found.get(rule.id), states, complete }
    if (last.found !== undefined) return last
  }
  return last ?? { situation, scope: scopes.small, found: undefined, states: 0, complete: false }
}
