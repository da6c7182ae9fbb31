/** Is every declared mutant caught by the promise it names? */
import { expectMet, type Mutation, type Target } from '../engine/mutation/mutate.ts'
import { designs, type Design } from '../model/designs.ts'
import type { KernelId } from '../conformance/recording.ts'
import { CleanDesigns, explored } from './exploration.ts'
import type { Mutant } from './index.ts'
import { judge, type Attempt, type Judgement } from './judgement.ts'
import { replayed, replayedAsItIs } from './recordings.ts'
import type { MutantScope } from './scopes.ts'

export type { Outcome } from './judgement.ts'
export interface MutantResult extends Judgement {
  readonly mutant: Mutant
  /** The scope that decided, and the states visited in it; in random runs, the runs. */
  readonly scope: MutantScope | 'recordings'
  readonly states: number
}

export function runMutants(
  list: readonly Mutant[],
  onProgress: (result: MutantResult) => void = () => {},
): readonly MutantResult[] {
  const clean = new CleanDesigns()
  return list.map((mutant) => {
    const result = run(mutant, clean)
    onProgress(result)
    return result
  })
}

/** Scope by scope, until it is caught or turns out void. */
function run(mutant: Mutant, clean: CleanDesigns): MutantResult {
  const design = designs.find(({ id }) => id === mutant.design)
  if (design === undefined) throw new Error(`mutant ${mutant.id}: no design "${mutant.design}"`)
  const { expected } = mutant
  if ('differs' in expected) return againstRecordings(mutant, expected.differs)
  const until = 'violates' in expected ? expected.violates : undefined
  let met: readonly Target[] = []
  let result: MutantResult | undefined
  let toTheEnd = false
  for (const scope of mutant.scopes) {
    const mutation = mutant.change()
    const seen = attempt(design, scope, mutation, until)
    met = both(met, mutation.targets)
    const judgement = judge(expected, clean.explored(design, scope, until), seen)
    toTheEnd = seen.complete
    result = { mutant, scope, states: seen.states, ...judgement }
    if (result.outcome === 'caught' || result.outcome === 'void') break
  }
  if (result === undefined) throw new Error(`mutant ${mutant.id} names no scope`)
  return aimed(result, met, toTheEnd ? 'every' : 'some')
}

/**
 * Replays what was recorded of the kernel: `states` counts the sequences, `steps` those that differ. A model
 * that differs without the change tells no mutant from itself.
 */
function againstRecordings(mutant: Mutant, id: KernelId): MutantResult {
  const { instrument, targets } = mutant.change()
  const { differ, of, first } = replayed(id, instrument)
  const result = { mutant, scope: 'recordings', states: of } as const
  const clean = replayedAsItIs(id).first
  if (clean !== undefined)
    return { ...result, outcome: 'void', detail: `the model itself differs in ${clean}` }
  if (first === undefined)
    return aimed({ ...result, outcome: 'missed', detail: 'every sequence agrees' }, targets, 'some')
  return aimed({ ...result, outcome: 'caught', steps: differ, detail: first }, targets, 'some')
}

function attempt(
  design: Design,
  scope: MutantScope,
  mutation: Mutation,
  until: string | undefined,
): Attempt {
  try {
    return explored(design, scope, mutation, until)
  } catch (error) {
    return { found: new Map(), complete: false, states: 0, thrown: (error as Error).message }
  }
}

/** What was met in one scope or the other. */
const both = (before: readonly Target[], now: readonly Target[]): readonly Target[] =>
  now.map((target, i) => ({ ...target, met: target.met || before[i]?.met === true }))

/** A search that ended early must have come by one target, one that ran to its end by all. */
function aimed(
  result: MutantResult,
  targets: readonly Target[],
  which: 'some' | 'every',
): MutantResult {
  try {
    expectMet(targets, which)
    return result
  } catch (error) {
    return { ...result, outcome: 'void', detail: (error as Error).message }
  }
}
