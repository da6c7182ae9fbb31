/**
 * Recorded behaviour of a kernel: command sequences and what was observed after each command. Two
 * forms of one content: a scenario (a head line, then one observation a line) and a collection (one
 * sequence a line), each plain or gzipped.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

/** What can be observed; what a recording leaves out is as it was before. */
const observation = z.object({
  pools: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  pages: z.record(z.string(), z.array(z.unknown())).optional(),
  dev: z.record(z.string(), z.record(z.string(), z.number())).optional(),
  xdp: z.record(z.string(), z.unknown()).optional(),
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
  scenario: z.string(),
  kernel: z.string(),
  desc: z.string().optional(),
  commands: z.array(z.string()),
})
const scenarioLine = observation.extend({ i: z.int(), cmd: z.string(), ret: z.unknown() })
const collected = z.object({
  seq: z.int(),
  class: z.string(),
  kernel: z.string().optional(),
  cmds: z.array(z.string()),
  obs: z.array(observation.extend({ r: z.unknown() })),
})

/** @throws MalformedRecording naming file, line and field; an Error of fs when it cannot be read. */
export function readRecording(path: string): readonly Sequence[] {
  const lines = textOf(path)
    .split('\n')
    .map((text, i) => ({ text, line: i + 1 }))
    .filter(({ text }) => text.trim() !== '')
  const first = lines[0]
  if (first === undefined) throw new MalformedRecording(`${path} is empty.`)
  const head = parse(path, first.line, first.text)
  if (isObject(head) && 'scenario' in head) return [scenario(path, head, lines)]
  if (isObject(head) && 'seq' in head)
    return lines.map(({ text, line }) => sequence(path, line, parse(path, line, text)))
  throw new MalformedRecording(
    `${path}, line 1: neither field "scenario" nor field "seq": this is no recording. docs/conformance.md describes both forms.`,
  )
}

function textOf(path: string): string {
  const bytes = readFileSync(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8')
  try {
    return gunzipSync(bytes).toString('utf8')
  } catch (error) {
    throw new MalformedRecording(
      `${path} cannot be unpacked (${(error as Error).message}). It may be cut short: fetch it again.`,
    )
  }
}
function parse(path: string, line: number, text: string): unknown {
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
    `${path}, line ${line}: field "${issue.path.join('.')}": ${issue.message}.`,
  )
}

function scenario(
  path: string,
  data: object,
  lines: readonly { text: string; line: number }[],
): Sequence {
  const head = checked(scenarioHead, path, 1, data)
  const observations = lines.slice(1).map(({ text, line }, i) => {
    const it = checked(scenarioLine, path, line, parse(path, line, text))
    if (it.cmd !== head.commands[i])
      throw new MalformedRecording(
        `${path}, line ${line}: field "cmd": "${it.cmd}", where line 1 has ${i < head.commands.length ? `"${head.commands[i]}"` : 'no more commands'}.`,
      )
    return it
  })
  if (observations.length !== head.commands.length)
    throw new MalformedRecording(
      `${path}: ${head.commands.length} commands and ${observations.length} observations. It may be cut short.`,
    )
  return {
    file: path,
    line: 1,
    name: head.scenario,
    kind: 'scenario',
    kernel: kernelOf(path, 1, head.kernel),
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
