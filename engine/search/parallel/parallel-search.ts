/**
 * Breadth-first search by several threads over one shared set of states, level by level. The states,
 * transitions, depth, violated rules, exercised rules and lengths of the traces are those of `Search`,
 * whatever the number of threads. Which of several shortest traces is told depends on which thread was
 * first to store a state, so that may differ from run to run.
 *
 * The threads run compiled modules: Node 20 loads no TypeScript in a thread. So this module must itself
 * be run compiled (`npm run build`), as must the one that the source names.
 */
import { Worker } from 'node:worker_threads'
import type { Found, SearchBounds, SearchProgress, SearchResult } from '../breadth-first.ts'
import { Chunks } from './chunks.ts'
import { DEPTH, ENDED, ENDS, EXPANDED, STATES } from './control.ts'
import type { Met, PlainBounds } from './explorer.ts'
import { SharedJournal } from './journal.ts'
import { allocate, bytesOf, SPREAD, type Memory } from './memory.ts'
import { build, type Built, type Source } from './source.ts'
import { Misuse } from '../../authoring/misuse.ts'
import { newPulse, watchPulse } from '../../pulse.ts'
import { reconstruct } from '../reconstruct.ts'
import type { Rule } from '../../rules/judge.ts'
import type { Assignment, FromThread } from './worker.ts'

export type { Built, Source } from './source.ts'
export interface ParallelResult extends SearchResult {
  /** Every step and event reached, and how often it was taken, over all threads. */
  readonly coverage: ReadonlyMap<string, number>
}

/** @param threads worker threads, 1 or more; the calling thread only waits. */
export async function parallelSearch(
  source: Source,
  bounds: SearchBounds,
  threads: number,
): Promise<ParallelResult> {
  const deadline = Date.now() + (bounds.milliseconds ?? Number.POSITIVE_INFINITY)
  const { system, rules } = await build(source)
  const memory = allocate(system.words.length, rules.length, threads, bounds)
  const { states, depth, until, bytes, stop, symmetry, fusion, caching } = bounds
  const plain: PlainBounds = {
    states,
    deadline,
    ...(depth === undefined ? {} : { depth }),
    ...(until === undefined ? {} : { until }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(stop === undefined ? {} : { stop }),
    ...(symmetry === undefined ? {} : { symmetry }),
    ...(fusion === undefined ? {} : { fusion }),
    ...(caching === undefined ? {} : { caching }),
  }
  const gathered = new Gathered(system, rules, memory, bounds)
  const timer = setInterval(() => bounds.onProgress?.(progressOf(memory)), 500)
  try {
    await runAll(
      threads,
      (thread) => ({ source, memory, thread, bounds: plain, pulse: newPulse() }),
      gathered,
    )
  } finally {
    clearInterval(timer)
  }
  return gathered.result()
}

/** Resolves when every thread is gone; when one fails the others are stopped. */
async function runAll(
  threads: number,
  assignment: (thread: number) => Assignment,
  gathered: Gathered,
): Promise<void> {
  const threadsOf = Array.from({ length: threads }, (_, thread) => {
    const workerData = assignment(thread)
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
    return { worker, pulse: workerData.pulse }
  })
  try {
    await Promise.all(threadsOf.map(({ worker, pulse }) => ended(worker, pulse, gathered)))
  } finally {
    await Promise.all(threadsOf.map(({ worker }) => worker.terminate()))
  }
}

const ended = (worker: Worker, pulse: SharedArrayBuffer, gathered: Gathered): Promise<void> =>
  new Promise((resolve, reject) => {
    let done = false
    const unwatch = watchPulse(pulse, (says) => reject(new Misuse(says)))
    worker.once('exit', unwatch)
    worker.on('message', (message: FromThread) => {
      if (message.type === 'done') done = true
      gathered.take(message)
    })
    worker.once('error', reject)
    worker.once('exit', (code) =>
      done
        ? resolve()
        : reject(new Error(`engine: a search thread ended early (exit code ${code})`)),
    )
  })

/** What the threads have sent. */
class Gathered {
  private readonly exercised = new Set<string>()
  private standsFor = 0
  private readonly coverage = new Map<string, number>()
  private readonly met = new Map<string, Met[]>()
  private readonly chunks: Chunks
  private readonly journal: SharedJournal
  private readonly system: Built['system']
  private readonly memory: Memory
  private readonly bounds: SearchBounds
  private readonly rules: readonly Rule[]

  constructor(
    system: Built['system'],
    rules: readonly Rule[],
    memory: Memory,
    bounds: SearchBounds,
  ) {
    this.system = system
    this.rules = rules
    this.memory = memory
    this.bounds = bounds
    this.chunks = new Chunks(memory)
    this.journal = new SharedJournal(memory.journal, system)
  }

  take(message: FromThread): void {
    if (message.type === 'met') this.takeViolation(message.met)
    else {
      this.standsFor += message.standsFor
      for (const rule of message.exercised) this.exercised.add(rule)
      for (const [step, taken] of message.coverage)
        this.coverage.set(step, (this.coverage.get(step) ?? 0) + taken)
    }
  }
  private takeViolation(met: Met): void {
    const known = this.met.get(met.rule)
    if (known === undefined) {
      this.met.set(met.rule, [met])
      this.bounds.onFound?.(met.rule, this.found(met))
    } else known.push(met)
  }

  private found({ rule, state, move }: Met): Found {
    this.system.fused = this.bounds.fusion === true
    // Which of two like states is the lesser one goes by the numbers of control states.
    this.journal.catchUp()
    const moves = this.chunks.movesTo(state)
    const its = this.rules.find(({ id }) => id === rule)!
    return reconstruct(this.system, its, move === -1 ? moves : [...moves, move], this.bounds)
  }
  /** The shortest; of several the least by its text, so that it does not matter who was heard first. */
  private best(all: readonly Met[]): Found {
    const least = Math.min(...all.map(({ length }) => length))
    const texts = all
      .filter(({ length }) => length === least)
      .map((met) => this.found(met))
      .map((found) => ({ found, text: JSON.stringify(found) }))
    return texts.reduce((a, b) => (b.text < a.text ? b : a)).found
  }

  result(): ParallelResult {
    const why = ENDS[this.memory.control[ENDED]!]
    return {
      ...progressOf(this.memory),
      complete: why === undefined,
      ...(why === undefined ? {} : { ended: why }),
      found: new Map(
        [...this.met.keys()].sort().map((rule) => [rule, this.best(this.met.get(rule)!)]),
      ),
      exercised: this.exercised,
      coverage: this.coverage,
      standsFor: this.standsFor,
    }
  }
}

function progressOf(memory: Memory): SearchProgress {
  const { control, transitions, threads } = memory
  const states = Atomics.load(control, STATES)
  let fired = 0
  for (let thread = 0; thread < threads; thread += 1) fired += transitions[thread * SPREAD]!
  return {
    states,
    transitions: fired,
    depth: Math.max(0, Atomics.load(control, DEPTH)),
    frontier: states - Atomics.load(control, EXPANDED),
    bytes: bytesOf(memory),
  }
}
