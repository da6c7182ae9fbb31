/**
 * Recorded behaviour of a kernel: command sequences and what was observed after each command. Two
 * forms of one content: a scenario (a head line, then one observation a line) and a collection (one
 * sequence a line), each plain or gzipped.
 */
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { shortened } from '../files/printable.ts'
import { readBounded, textOf, UnreadableFile } from '../files/read.ts'

/** Bytes that are read of a recording, and that it may unpack to: ten times the largest there is. */
export const LARGEST = 64 * 2 ** 20
/** Names and commands are shown; nothing that was observed is nested any deeper. */
const name = z.string().max(200)
const command = z.string().max(20_000)
const DEEPEST = 8
const observed = z.unknown().refine((it) => !isDeeperThan(DEEPEST, it), 'is nested too deep')
function isDeeperThan(levels: number, it: unknown): boolean {
  if (!isObject(it)) return false
  return levels === 0 || Object.values(it).some((inner) => isDeeperThan(levels - 1, inner))
}

/** What can be observed; what a recording leaves out is as it was before. */
const observation = z.object({
  pools: z.record(z.string(), z.record(z.string(), observed)).optional(),
  pages: z.record(z.string(), z.array(observed)).optional(),
  dev: z.record(z.string(), z.record(z.string(), z.number())).optional(),
  xdp: z.record(z.string(), observed).optional(),
  dma: z.array(z.string()).optional(),
  log: z.array(z.string()).optional(),
  ev: z.array(z.string()).optional(),
})
export type Delta = z.infer<typeof observation>
export interface Observed extends Delta {
  readonly ret: unknown
}
export interface Sequence {
  readonly file: string
  readonly line: number
  /** The scenario's name, or the number of the sequence. */
  readonly name: string
  readonly kind: string
  readonly kernel: KernelId
  readonly commands: readonly string[]
  readonly observations: readonly Observed[]
  /** Side effects were recorded in order. */
  readonly hasEvents: boolean
}
export type KernelId = 'linux-6.1' | 'linux-6.12'

/** A file that is no recording, said in one paragraph. */
export class MalformedRecording extends Error {
  override readonly name = 'MalformedRecording'
}

const scenarioHead = z.object({
  scenario: name,
  kernel: name,
  desc: z.string().optional(),
  commands: z.array(command),
})
const scenarioLine = observation.extend({ i: z.int(), cmd: command, ret: observed })
const collected = z.object({
  seq: z.int(),
  class: name,
  kernel: name.optional(),
  cmds: z.array(command),
  obs: z.array(observation.extend({ r: observed })),
})

/** @throws MalformedRecording naming file, line and field. */
export const readRecording = (path: string): readonly Sequence[] => [...sequencesOf(path)]

/** The same one by one, so that a bad line costs nothing that stands before it, and memory is that of a line. */
export function* sequencesOf(path: string): Generator<Sequence> {
  const lines = linesOf(contentOf(path))
  const first = lines.next().value
  if (first === undefined) throw new MalformedRecording(`${path} is empty.`)
  const head = parse(path, first)
  if (isObject(head) && 'scenario' in head) yield scenario(path, head, first.line, lines)
  else if (isObject(head) && 'seq' in head) {
    yield sequence(path, first.line, head)
    for (const one of lines) yield sequence(path, one.line, parse(path, one))
  } else
    throw new MalformedRecording(
      `${path}, line ${first.line}: neither field "scenario" nor field "seq": this is no recording. docs/conformance.md describes both forms.`,
    )
}

function contentOf(path: string): string {
  try {
    const bytes = readBounded(path, LARGEST)
    return textOf(bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(path, bytes) : bytes)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    throw new MalformedRecording(
      `${path} ${error.message}. Recordings are files of lines of JSON, plain or gzipped.`,
    )
  }
}
/** A few bytes unpack to any number: no more of them is looked at than would be read. */
function unpacked(path: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new MalformedRecording(
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `${path} unpacks to more than ${LARGEST / 2 ** 20} MB: split it, or look whether it is what it should be.`
        : `${path} cannot be unpacked (${message}). It may be cut short: fetch it again.`,
    )
  }
}

interface Line {
  readonly text: string
  readonly line: number
}
/** Lines that are not blank. */
function* linesOf(text: string): Generator<Line, undefined> {
  let line = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    line += 1
    const one = text.slice(from, to)
    if (one.trim() !== '') yield { text: one, line }
    from = to + 1
  }
  return undefined
}
function parse(path: string, { line, text }: Line): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MalformedRecording(
      `${path}, line ${line}: not JSON (${(error as Error).message}). It may be cut short.`,
    )
  }
}
const isObject = (it: unknown): it is object => typeof it === 'object' && it !== null

function checked<T>(schema: z.ZodType<T>, path: string, line: number, data: unknown): T {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new MalformedRecording(
    `${path}, line ${line}: field "${shortened(issue.path.join('.'))}": ${shortened(issue.message)}.`,
  )
}

function scenario(path: string, data: object, line: number, lines: Iterable<Line>): Sequence {
  const head = checked(scenarioHead, path, line, data)
  const observations: z.infer<typeof scenarioLine>[] = []
  for (const one of lines) {
    const it = checked(scenarioLine, path, one.line, parse(path, one))
    const command = head.commands[observations.length]
    if (it.cmd !== command)
      throw new MalformedRecording(
        `${path}, line ${one.line}: field "cmd": "${shortened(it.cmd)}", where line ${line} has ${command === undefined ? 'no more commands' : `"${shortened(command)}"`}.`,
      )
    observations.push(it)
  }
  if (observations.length !== head.commands.length)
    throw new MalformedRecording(
      `${path}: ${head.commands.length} commands and ${observations.length} observations. It may be cut short.`,
    )
  return {
    file: path,
    line,
    name: head.scenario,
    kind: 'scenario',
    kernel: kernelOf(path, line, head.kernel),
    commands: head.commands,
    observations,
    hasEvents: true,
  }
}

function sequence(path: string, line: number, data: unknown): Sequence {
  const it = checked(collected, path, line, data)
  if (it.cmds.length !== it.obs.length)
    throw new MalformedRecording(
      `${path}, line ${line}: field "obs": ${it.obs.length} observations of ${it.cmds.length} commands.`,
    )
  return {
    file: path,
    line,
    name: String(it.seq),
    kind: it.class,
    kernel: kernelOf(path, line, it.kernel),
    commands: it.cmds,
    observations: it.obs.map(({ r, ...rest }) => ({ ...rest, ret: r })),
    // Collections record side effects for every other sequence; one without any shows none elsewhere.
    hasEvents: it.seq % 2 === 0 || it.obs.some(({ ev }) => ev !== undefined),
  }
}

/** From the field "kernel", or else from the name of the file: `random-61.jsonl.gz`. */
function kernelOf(path: string, line: number, said: string | undefined): KernelId {
  const text = said ?? /(?<!\d)6\.?12?(?!\d)/.exec(basename(path))?.[0] ?? ''
  if (/^6\.?12(\.|$)/.test(text)) return 'linux-6.12'
  if (/^6\.?1(\.|$)/.test(text)) return 'linux-6.1'
  throw new MalformedRecording(
    `${path}, line ${line}: which kernel was recorded? Field "kernel" ${said === undefined ? 'is missing, and the name of the file has neither 61 nor 612 in it' : `is "${said}"`}; the model knows 6.1 and 6.12.`,
  )
}
