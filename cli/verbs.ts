/** What there is to ask for: each verb with its help, and its body, which is loaded when it is asked for. */
import type { Given, Names, Options, Values } from './option.ts'
import {
  conformOptions,
  convergenceOptions,
  explainOptions,
  listOptions,
  livenessOptions,
  logOptions,
  mutantsOptions,
  replayOptions,
  searchOptions,
  showOptions,
  verifyOptions,
} from './options.ts'

export interface Verb {
  readonly name: string
  /** What stands behind it: `[DESIGN...]`. */
  readonly takes: string
  readonly completes?: Names
  /** One sentence. */
  readonly says: string
  readonly more?: string
  readonly options: Options
  readonly examples: readonly (readonly [command: string, does: string])[]
  /** What its exit codes mean, from 0 on. */
  readonly exits: readonly string[]
  readonly run: (
    names: readonly string[],
    values: Values<Options>,
    signal: AbortSignal,
  ) => Promise<number>
}

interface Declared<O extends Options> extends Omit<Verb, 'options' | 'run'> {
  readonly options: O
  readonly load: () => Promise<(given: Given<O>) => Promise<number>>
}
const verb = <O extends Options>({ load, ...rest }: Declared<O>): Verb => ({
  ...rest,
  run: async (names, values, signal) =>
    (await load())({ names, values: values as Values<O>, signal }),
})

export const verbs: readonly Verb[] = [
  verb({
    name: 'verify',
    takes: '[DESIGN...]',
    completes: 'designs',
    says: 'Check designs against every property, and print the table.',
    more: 'Saved counterexamples are replayed, the scopes of the design are searched to the end, then come random runs. New and shorter counterexamples are saved and told. Without DESIGN: all designs.',
    options: verifyOptions,
    examples: [
      ['verify', 'all designs'],
      ['verify deferred-release xarray-tracking', 'two designs side by side'],
      ['verify linux-6.12 -p no-unmap-after-unbind', 'one property of one design'],
    ],
    exits: [
      'every verdict is as its design declares',
      'one is not',
      'something is unknown or vacuous, or the run was interrupted',
    ],
    load: async () => (await import('./verify.ts')).verify,
  }),
  verb({
    name: 'search',
    takes: 'DESIGN',
    completes: 'designs',
    says: 'Search every state of one scope of a design for shortest violations.',
    more: 'It says what is violated and in how many steps, what holds, and which steps and events were never enabled. "poolproof list scopes" names the scopes, "poolproof list bounds" what a scope is made of.',
    options: searchOptions,
    examples: [
      ['search deferred-release --scope small', 'the least that shuts down with a page out'],
      ['search linux-6.12 --scope queue-restart', 'another world'],
      ['search xarray-tracking --scope medium,pages=3 --threads 2', 'a scope of your own'],
    ],
    exits: [
      'every state was visited, and nothing is violated that the design does not declare',
      'something else is violated',
      'ended early, or some property is vacuous',
    ],
    load: async () => (await import('./search.ts')).search,
  }),
  verb({
    name: 'liveness',
    takes: '[DESIGN...]',
    completes: 'designs',
    says: 'Decide what must happen in the end, if everybody who can go on does.',
    more: 'Shutdown completes once packets are released, unbind never waits for a packet, release_dw stops. A violation is a run that goes round for ever. Without DESIGN: all designs of a pool.',
    options: livenessOptions,
    examples: [
      ['liveness deferred-release', 'one design'],
      ['liveness --scope small --budget 60', 'all of them, in a smaller scope'],
    ],
    exits: ['as the designs declare', 'something is not', 'not decided'],
    load: async () => (await import('./liveness.ts')).liveness,
  }),
  verb({
    name: 'replay',
    takes: 'FILE|FOLDER|DESIGN|DESIGN/PROPERTY...',
    completes: 'designs',
    says: 'Run saved counterexamples again and tell them.',
    more: 'A design stands for all its saved counterexamples, also those of other worlds.',
    options: replayOptions,
    examples: [
      ['replay deferred-release/no-unmap-after-unbind', 'one counterexample, as a ladder'],
      ['replay linux-6.12', 'all of a design'],
      ['replay --steps counterexamples/linux-6.12/queue-restart', 'a folder, step by step'],
    ],
    exits: ['every file still violates', 'one passes now, or is blocked', 'interrupted'],
    load: async () => (await import('./replay.ts')).replay,
  }),
  verb({
    name: 'explain',
    takes: 'PROPERTY|DESIGN|SCOPE [DESIGN...]',
    completes: 'properties',
    says: 'Tell what a property, a design or another world is about.',
    more: 'Of a property: what it says, why, which designs break it, for what declared reason, and where the counterexample is. Designs named after it narrow the answer to those.',
    options: explainOptions,
    examples: [
      ['explain no-unmap-after-unbind', 'a property'],
      ['explain no-unmap-after-unbind linux-6.12', 'a property, as one design has it'],
      ['explain xarray-tracking', 'a design, and what it breaks'],
    ],
    exits: ['told'],
    load: async () => (await import('./about.ts')).explain,
  }),
  verb({
    name: 'show',
    takes: 'DESIGN [FUNCTION...]',
    completes: 'designs',
    says: 'Print a design as C, function by function.',
    more: 'Each step is the kernel statement it stands for; what the scope leaves out is left out. Without FUNCTION: the functions of the pool. Functions of drivers, the stack and the kernel around are printed when they are named.',
    options: showOptions,
    examples: [
      ['show linux-6.12', 'all functions of the pool'],
      ['show linux-6.12 page_pool_release spin_lock', 'two functions'],
      ['show xarray-address-first --diff xarray-tracking', 'what a repair changes'],
    ],
    exits: ['printed'],
    load: async () => (await import('./show.ts')).show,
  }),
  verb({
    name: 'list',
    takes: '[designs|properties|scopes|bounds]',
    says: 'Name the designs, the properties, the scopes and what bounds them.',
    options: listOptions,
    examples: [
      ['list', 'everything'],
      ['list properties', 'only the properties'],
      ['list bounds', 'what KEY=VALUE of a scope may be'],
    ],
    exits: ['told'],
    load: async () => (await import('./list.ts')).list,
  }),
  verb({
    name: 'conform',
    takes: 'FILE|FOLDER...',
    says: 'Replay recorded behaviour of a kernel: does the model do the same?',
    more: 'A difference is shortened, and says which step of the model it came from.',
    options: conformOptions,
    examples: [
      ['conform test/conformance/data', 'the recordings that come with the sources'],
      ['conform --show 10 my-recording.jsonl', 'one file, up to 10 differences'],
    ],
    exits: [
      'every sequence agrees',
      'one differs',
      'nothing, or not everything, could be compared',
    ],
    load: async () => (await import('./conform.ts')).conform,
  }),
  verb({
    name: 'convergence',
    takes: '[DESIGN...]',
    completes: 'designs',
    says: 'Measure what a pool serves and releases after its interrupt moved to another NUMA node.',
    options: convergenceOptions,
    examples: [
      ['convergence', 'the numa- designs and both kernels'],
      ['convergence numa-refill-v3', 'one design'],
    ],
    exits: ['measured', '', 'interrupted'],
    load: async () => (await import('./convergence.ts')).convergenceOf,
  }),
  verb({
    name: 'log',
    takes: '[FILE...]',
    says: 'Read a log of a real machine: is it allowed, and who still holds the page?',
    more: 'Tracepoints and kernel messages, as ftrace, trace-cmd, perf, bpftrace or dmesg print them. Without FILE it reads standard input.',
    options: logOptions,
    examples: [
      ['log trace.txt', 'a file; "dmesg | poolproof log" reads kernel messages'],
      ['log trace.txt --explain linux-6.12', 'how that design gets there'],
    ],
    exits: [
      'every log is consistent',
      'one is impossible',
      'cannot tell, nothing to check, or interrupted',
    ],
    load: async () => (await import('./log.ts')).log,
  }),
  verb({
    name: 'mutants',
    takes: '[ID...]',
    completes: 'mutants',
    says: 'Change the model in one place at a time: is each change caught?',
    more: 'Without ID all of them, which takes minutes.',
    options: mutantsOptions,
    examples: [
      ['mutants --list', 'their names'],
      ['mutants cache-127', 'one of them'],
    ],
    exits: ['each was caught or is equivalent', 'one was missed or is void', 'interrupted'],
    load: async () => (await import('./mutants.ts')).mutants,
  }),
]
