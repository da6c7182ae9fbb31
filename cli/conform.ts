/** `poolproof conform FILE...`: does the model do what the kernel was recorded doing? */
import { compare, type Outcome } from '../conformance/compare.ts'
import { explain } from '../conformance/explain.ts'
import { recordingsIn } from '../conformance/find.ts'
import { MalformedRecording, sequencesOf, type Sequence } from '../conformance/recording.ts'
import { shorten } from '../conformance/shorten.ts'
import { printable } from '../files/printable.ts'
import { difference } from '../views/difference.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { conformOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { sayProse } from './output.ts'
import { breath } from './breath.ts'
import { UsageError } from './usage-error.ts'

/**
 * 0: every sequence agrees. 1: one differs. 2: nothing, or not everything, could be compared. 3: a file
 * cannot be used; the others are compared nevertheless.
 */
export async function conform({
  names,
  values,
  signal,
}: Given<typeof conformOptions>): Promise<number> {
  const { show } = values
  if (names.length === 0)
    throw new UsageError(
      'conform takes recordings, files or folders of them, such as test/conformance/data.',
    )
  const found = names.map(recordingsIn)
  const files = found.flatMap((it) => it.files)
  const unusable = found.flatMap((it) => it.unusable)
  const json = jsonFile(values.json, files)
  const tally = new Tally()
  const live = liveLine({ first: 3 })
  const told: string[] = []
  const compared = async (file: string): Promise<void> => {
    for (const sequence of sequencesOf(file)) {
      await breath()
      if (signal.aborted) return
      const result = compare(sequence)
      tally.add(sequence, result)
      live.show('conform', `${tally.sequences} sequences`)
      if (result.outcome !== 'agrees' && told.length < show) told.push(tell(sequence, result))
    }
  }
  for (const file of files)
    try {
      await compared(file)
    } catch (error) {
      if (!(error instanceof MalformedRecording)) throw error
      unusable.push(error.message)
    }
  live.clear()
  if (tally.sequences > 0 || unusable.length === 0)
    process.stdout.write([...told, tally.text()].map((part) => `${part}\n`).join('\n'))
  json.write({ schema: 1, ...tally.data() })
  for (const text of unusable) process.stderr.write(`poolproof: ${printable(text)}\n`)
  if (signal.aborted) sayProse('Interrupted: not every sequence was compared.')
  if (unusable.length > 0) return 3
  return signal.aborted ? 2 : tally.exitCode()
}

function tell(sequence: Sequence, result: Exclude<Outcome, { outcome: 'agrees' }>): string {
  const { file, line, name, kernel, commands } = sequence
  if (result.outcome === 'not compared')
    return printable(
      `${file}:${line}: sequence ${name}, ${kernel}: not compared from command ${result.at + 1} on: ${result.why}.`,
    )
  const kept = shorten(sequence, result.difference)
  const left = kept.map((index) => commands[index]!)
  const places = explain(kernel, left, result.difference.mismatches)
  return difference({ sequence, ...result.difference, kept, places })
}

interface Count {
  readonly kernel: string
  readonly kind: string
  agree: number
  differ: number
  uncompared: number
  commands: number
}
class Tally {
  private readonly counts = new Map<string, Count>()
  sequences = 0

  add(sequence: Sequence, { outcome, commands }: Outcome): void {
    this.sequences += 1
    const { kernel, kind } = sequence
    const key = `${kernel} ${kind}`
    const none = { agree: 0, differ: 0, uncompared: 0, commands: 0 }
    const count = this.counts.get(key) ?? { kernel, kind, ...none }
    this.counts.set(key, count)
    if (outcome === 'agrees') count.agree += 1
    else if (outcome === 'differs') count.differ += 1
    else count.uncompared += 1
    count.commands += commands
  }
  private total(field: 'agree' | 'differ' | 'uncompared' | 'commands'): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count[field], 0)
  }

  data(): object {
    return {
      sequences: this.sequences,
      kinds: [...this.counts.values()],
    }
  }
  exitCode(): number {
    if (this.total('differ') > 0) return 1
    return this.sequences === 0 || this.total('uncompared') > 0 ? 2 : 0
  }
  text(): string {
    if (this.sequences === 0) return 'No sequence to compare: is this the right folder?'
    const row = (cells: readonly string[]): string =>
      [cells[0]!.padEnd(11), cells[1]!.padEnd(9), ...cells.slice(2).map((it) => it.padStart(11))]
        .join(' ')
        .trimEnd()
    const numbers = ({ agree, differ, uncompared, commands }: Count): string[] =>
      [agree, differ, uncompared, commands].map((it) => it.toLocaleString('en'))
    const all: Count = {
      kernel: 'all',
      kind: '',
      agree: this.total('agree'),
      differ: this.total('differ'),
      uncompared: this.total('uncompared'),
      commands: this.total('commands'),
    }
    // Rounded down: 100 % is all of them.
    const share = Math.floor((10_000 * all.agree) / this.sequences) / 100
    return [
      row(['kernel', 'kind', 'agree', 'differ', 'uncompared', 'commands']),
      ...[...this.counts]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([, count]) => row([count.kernel, printable(count.kind), ...numbers(count)])),
      row([all.kernel, all.kind, ...numbers(all)]),
      '',
      `${share} % of the sequences recorded agree (${all.agree.toLocaleString('en')} of ${this.sequences.toLocaleString('en')}).`,
    ].join('\n')
  }
}
