/** The options of each verb. Nothing is loaded for them: help and completion are to be quick. */
import { onOff, several, switchedOn, text, textOr, wholeNumber } from './option.ts'

const json = text('FILE', 'also write the results to FILE as JSON, when the work is done')
const store = textOr('DIR', 'folder of saved counterexamples', 'counterexamples')
const property = several('ID', 'only this property', { short: 'p', completes: 'properties' })
const DAY = 86_400
const seconds = (says: string, fallback: number) =>
  wholeNumber(says, { min: 1, max: DAY, unit: 'seconds', fallback })

export const verifyOptions = {
  property,
  all: switchedOn(
    'search every design in full, also where verdicts.json has its verdicts; so is a design that is named',
  ),
  seed: wholeNumber('seed of the random runs', { min: 0, max: 2 ** 31 - 1, fallback: 1 }),
  runs: wholeNumber('random runs of each design', { min: 0, max: 10_000_000, fallback: 400 }),
  budget: seconds(
    'time, the same clock for all designs; each other world of a design has what was left when the design was begun; what it does not suffice for is unknown',
    900,
  ),
  threads: wholeNumber(
    'designs verified at the same time',
    { min: 1, max: 64, fallback: 2 },
    { formerly: 'workers' },
  ),
  store,
  json,
} as const

const scope = (fallback: string) =>
  textOr('SCOPE', 'a scope by name, or changed: medium,pages=3,holders=socket+defrag', fallback, {
    completes: 'scopes',
  })
export const searchOptions = {
  scope: scope('medium'),
  property,
  budget: seconds('time', 600),
  maxMemory: wholeNumber('memory for states', {
    min: 1,
    max: 1_000_000,
    unit: 'megabytes',
    fallback: 4096,
  }),
  threads: wholeNumber(
    'threads that search together',
    { min: 1, max: 16, fallback: 1 },
    { formerly: 'workers' },
  ),
  symmetry: onOff('treat pages as exchangeable; on wherever the design allows it'),
  fusion: onOff(
    'take local steps with the step before them: fewer states, traces not the shortest',
  ),
  save: switchedOn('keep what is found as STORE/DESIGN/SCOPE/PROPERTY.json'),
  store,
  json,
} as const

export const livenessOptions = {
  scope: scope('corner'),
  budget: seconds('time for each design', 120),
  json,
} as const
export const replayOptions = {
  steps: switchedOn('every step with what it changed, instead of the ladder'),
  store,
  json,
} as const
export const conformOptions = {
  show: wholeNumber('differences told in full', { min: 0, max: 1000, fallback: 3 }),
  json,
} as const
export const convergenceOptions = { json } as const
export const logOptions = {
  all: switchedOn('every pool, also those about which there is nothing to say'),
  explain: text('DESIGN', 'search DESIGN for a shortest behaviour that ends as the log does', {
    completes: 'designs',
  }),
  failOn: several('WHAT', 'end with 1 if a file shows WHAT: stalled, leak or impossible', {
    completes: ['stalled', 'leak', 'impossible'],
  }),
  json,
  svg: text('FILE', 'draw how long the pages have been out, to FILE'),
} as const
export const listOptions = { json } as const
export const showOptions = {
  diff: text('OTHER', 'the difference to the design OTHER, as a patch that makes this one of it', {
    completes: 'designs',
  }),
  scope: scope('corner'),
  json,
} as const
export const explainOptions = { store, json } as const
export const mutantsOptions = {
  list: switchedOn('name the mutants with what they change, and run none'),
  json,
} as const
