/**
 * `npm run bench:conform [FILE|FOLDER...]`: recorded commands replayed a second, by how the recording is
 * read and the model is run: rounds interleaved, medians. The own test data unless told otherwise.
 */
import { readdirSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { compare } from '../conformance/compare.ts'
import { Kernel } from '../conformance/kernel.ts'
import { execute } from '../conformance/execute.ts'
import { CommandLine } from '../conformance/command-line.ts'
import { readRecording, type Sequence } from '../conformance/recording.ts'

const ROUNDS = 5
const paths = process.argv.length > 2 ? process.argv.slice(2) : ['test/conformance/data']
const files = paths.flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.jsonl(\.gz)?$/.test(name))
        .map((name) => join(path, name))
    : [path],
)
const sequences = files.flatMap(readRecording)
const commands = sequences.reduce((sum, it) => sum + it.commands.length, 0)

const contenders: Readonly<Record<string, () => void>> = {
  'read, replay and compare': () => replay(files.flatMap(readRecording)),
  'replay and compare': () => replay(sequences),
  'replay only': () => {
    for (const { kernel, commands } of sequences) {
      const model = new Kernel(kernel)
      for (const command of commands) {
        model.recorder.forget()
        execute(model, new CommandLine(command))
      }
    }
  },
}
function replay(all: readonly Sequence[]): void {
  for (const sequence of all)
    if (compare(sequence).outcome !== 'agrees') throw new Error(`${sequence.file}: does not agree`)
}

const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, run] of Object.entries(contenders)) {
    const start = process.hrtime.bigint()
    run()
    times.get(name)!.push(Number(process.hrtime.bigint() - start) / 1e9)
  }
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[ROUNDS >> 1]!
console.log(`node ${process.version}, ${cpus()[0]?.model} x ${cpus().length}`)
console.log(`${sequences.length} sequences, ${commands} commands, ${ROUNDS} rounds, medians\n`)
for (const [name, list] of times)
  console.log(
    `${name.padEnd(26)} ${median(list).toFixed(2)} s  ${Math.round(commands / median(list)).toLocaleString('en')} commands/s`,
  )
