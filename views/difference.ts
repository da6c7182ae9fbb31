/** A difference between a recording and the model, as a reviewer wants to read it. */
import { firstDifference } from '../conformance/explain.ts'
import type { Mismatch } from '../conformance/compare.ts'
import type { Sequence } from '../conformance/recording.ts'
import { printable, shortened } from '../files/printable.ts'
import { POOL_STATS } from '../model/world/statistics.ts'
import { wrap } from './columns.ts'

const WIDTH = 96
/** Of many mismatches only so many are shown: the first is the cause, most others follow from it. */
const SHOWN = 8

export interface Told {
  readonly sequence: Sequence
  /** The command that differs, counted from 0. */
  readonly at: number
  readonly mismatches: readonly Mismatch[]
  /** The commands that are left, by number. */
  readonly kept: readonly number[]
  readonly places: ReadonlyMap<string, string>
}

export function difference({ sequence, at, mismatches, kept, places }: Told): string {
  const { file, line, name, kind, kernel, commands } = sequence
  return [
    printable(`${file}:${line}: sequence ${name} (${kind}), ${kernel}`),
    `differs after command ${at + 1} of ${commands.length}; ${kept.length} command${kept.length === 1 ? '' : 's'} would do:`,
    '',
    ...kept.map((index) => `  ${index === at ? '>' : ' '} ${quoted(commands[index]!)}`),
    '',
    ...mismatches.slice(0, SHOWN).flatMap((it) => [...mismatch(it), ...place(places.get(it.what))]),
    ...(mismatches.length > SHOWN ? [`  and ${mismatches.length - SHOWN} more`] : []),
    '',
    ...wrap(
      'The kernel was not run again: with these commands the model does what it did with all of them; that the kernel would, too, is inferred.',
      WIDTH,
    ),
  ].join('\n')
}

function mismatch({ what, recorded, model }: Mismatch): string[] {
  if (Array.isArray(recorded) && Array.isArray(model)) return inList(what, recorded, model)
  return [`  ${quoted(what)}`, `    recorded  ${text(recorded)}`, `    model     ${text(model)}`]
}
/** Long lists from the first item in which they differ. */
function inList(what: string, recorded: readonly unknown[], model: readonly unknown[]): string[] {
  const from = firstDifference(recorded, model)
  const rest = (list: readonly unknown[]): string =>
    list.length <= from
      ? '(no more)'
      : list
          .slice(from, from + 6)
          .map(text)
          .join(', ')
  const item = what.endsWith('.st') ? POOL_STATS[from] : from === 0 ? '' : `item ${from}`
  return [
    `  ${quoted(what)}${item === '' ? '' : `, from ${item} on`}`,
    `    recorded  ${rest(recorded)}`,
    `    model     ${rest(model)}`,
  ]
}
const place = (where: string | undefined): string[] =>
  where === undefined
    ? ['    in the model this command does not touch it']
    : wrap(`in ${where}`, WIDTH - 4).map((line) => `    ${line}`)
const text = (value: unknown): string =>
  value === undefined
    ? '(nothing)'
    : quoted(typeof value === 'string' ? value : JSON.stringify(value))
/** Somebody else wrote it. */
const quoted = (said: string): string => printable(shortened(said))
