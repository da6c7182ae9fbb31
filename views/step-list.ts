/** Every step of a behaviour in one column, with what it changed. */
import type { Behaviour, Moment } from './behaviour.ts'

export function stepList({ moments, noReturn, counterexample }: Behaviour): string {
  const lines = moments.flatMap((moment, i) => [
    `${String(i + 1).padStart(3)}  ${moment.name.context.padEnd(14)} ${says(moment)}`,
    ...moment.changed.map(
      ({ path, from, to }) => `       ${path.slice(1)}: ${show(from)} -> ${show(to)}`,
    ),
    ...moment.reports.map((report) => `     ! ${report}`),
    ...(i === noReturn ? ['       --- point of no return ---'] : []),
  ])
  return [...lines, `\n*** ${counterexample.property}: ${counterexample.detail}`].join('\n')
}
const says = ({ name }: Moment): string =>
  `${name.fn}${name.step === 'start' ? '' : ` > ${name.step}`}${name.choice === undefined ? '' : ` = ${show(name.choice)}`}`
const show = (value: unknown): string => (value === null ? 'NULL' : String(value))
