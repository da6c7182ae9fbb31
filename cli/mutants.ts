/** `poolproof mutants`: is the model, changed in one place at a time, caught each time? */
import { runMutants, type MutantResult, type Outcome } from '../verify/mutants.ts'
import { mutants as all, mutantsBySubject, type Mutant } from '../verify/mutants/index.ts'
import { wrap } from '../views/ladder.ts'
import { parse } from './arguments.ts'
import { unknownName } from './usage-error.ts'

/** Runs the mutants named, or all. 0: every one was caught or is equivalent; 1: not so. */
export async function mutants(argv: readonly string[]): Promise<number> {
  const { positionals } = parse('mutants', argv, {})
  const known = all.map(({ id }) => id)
  for (const id of positionals)
    if (!known.includes(id)) throw unknownName('mutant', id, known, 'mutants')
  const chosen = all.filter(({ id }) => positionals.length === 0 || positionals.includes(id))
  let subject: string | undefined
  const results = runMutants(chosen, (result) => {
    const of = subjectOf(result.mutant)
    if (of !== subject) say('', (subject = of))
    say(line(result))
  })
  say(...reasons(results), '', ...LEGEND, summary(results))
  return results.some(({ outcome }) => outcome === 'missed' || outcome === 'void') ? 1 : 0
}

const say = (...lines: readonly string[]): void => {
  process.stdout.write(lines.map((text) => `${text}\n`).join(''))
}
const subjectOf = (mutant: Mutant): string =>
  mutantsBySubject.find(([, list]) => list.includes(mutant))![0]

const LEGEND = [
  'Number: steps of the counterexample; of recordings, how many sequences differ. "!": a known violation of the design, which the change hides.',
]
const MARKS: Readonly<Record<Outcome, string>> = {
  caught: 'caught',
  missed: 'MISSED',
  equivalent: 'equiv.',
  void: 'VOID',
}
/** Outcome, id, what it changes, caught by, steps: at most 100 columns. */
export function line({ mutant, outcome, steps }: MutantResult): string {
  const start = `${MARKS[outcome].padEnd(6)} ${mutant.id.padEnd(21)} ${mutant.says.padEnd(36)}`
  const end = steps === undefined ? '' : String(steps).padStart(4)
  return `${start} ${by(mutant).padEnd(30)}${end}`.trimEnd()
}
/** The property that must catch it; `!` before a known violation that must be lost. */
function by({ expected }: Mutant): string {
  if ('violates' in expected) return expected.violates
  if ('differs' in expected) return `recordings of ${expected.differs}`
  if ('loses' in expected) return `!${expected.loses}`
  return ''
}

/** Why what was not caught was not. */
function reasons(results: readonly MutantResult[]): string[] {
  const told = (
    title: string,
    outcome: Outcome,
    why: (result: MutantResult) => string,
  ): string[] => {
    const those = results.filter((result) => result.outcome === outcome)
    if (those.length === 0) return []
    const paragraphs = those.flatMap((result) => [
      `  ${result.mutant.id}`,
      ...wrap(why(result), 94).map((text) => `    ${text}`),
    ])
    return ['', title, ...paragraphs]
  }
  const detail = ({ detail, scope }: MutantResult): string => `${detail ?? ''} (scope ${scope})`
  return [
    ...told('Equivalent, because', 'equivalent', ({ mutant: { expected } }) =>
      'nothing' in expected ? expected.nothing : '',
    ),
    ...told('Missed', 'missed', detail),
    ...told('Void', 'void', detail),
  ]
}

function summary(results: readonly MutantResult[]): string {
  const count = (outcome: Outcome): number =>
    results.filter((result) => result.outcome === outcome).length
  const voids = count('void')
  return [
    `${results.length} mutants: ${count('caught')} caught`,
    `${count('missed')} missed`,
    `${count('equivalent')} equivalent`,
    ...(voids === 0 ? [] : [`${voids} void`]),
  ].join(', ')
}
