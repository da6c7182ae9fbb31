/** The lines of a report to its parts: head, where it happened, and the stacks in it. */
import { compact } from '../../text/kernel-line.ts'
import { frameIn, isMappedAt, isOtherStack, whereIn, type Frame } from './frames.ts'
import type { ReportLine } from './open-report.ts'
import type { Trace } from './trace.ts'
import { headText, unwrapped } from './unwrap.ts'

const MOST_FRAMES = 40
const WARN_HEAD =
  /WARNING:(?:CPU:\d+PID:\d+at([\w./+-]+\.[chS]:\d+)?([A-Za-z_][\w.$]*?)|([\w./+-]+\.[chS]:\d+)?at([A-Za-z_][\w.$]*?))(?:\+0x|\()/

export function traceOf(lines: readonly ReportLine[], head: ReportLine): Trace {
  const texts = unwrapped(lines.map(({ text }) => text))
  const joined = compact(lines.map(({ text }) => text).join(''))
  const whole = texts.join('\n')
  const warned = warnedAt(joined)
  return {
    line: head.line,
    joined,
    text: `${texts.join(' ')}\n${texts.join('')}`,
    head: headText(texts, head.text),
    file: warned.file,
    fn: warned.fn ?? whereOf(texts) ?? kasanIn(joined) ?? '',
    isWarn: /WARNING:/.test(joined),
    ...stacksIn(texts),
    workqueue: /Workqueue:\s*\S+\s+(\w+)/.exec(whole)?.[1] ?? '',
    kernel: /(?:Tainted:?|Not tainted)[^\n]*?\b(\d+\.\d+[.\d]*\S*)/.exec(whole)?.[1] ?? '',
  }
}
/** File and function of a WARNING, where it names them. */
function warnedAt(joined: string): { file: string; fn: string | undefined } {
  const warn = WARN_HEAD.exec(joined)
  return { file: warn?.[1] ?? warn?.[3] ?? '', fn: warn?.[2] ?? warn?.[4] }
}
/** The program counter of a crash. */
function whereOf(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const where = whereIn(text)
    if (where !== undefined) return where
  }
  return undefined
}
const kasanIn = (joined: string): string | undefined =>
  /(?:KASAN|KFENCE|KCSAN):.*?in([A-Za-z_][\w.$]*?)(?:\+0x|\()/.exec(joined)?.[1]

type Part = 'access' | 'freed' | 'mapped' | 'other'
/** Frames by the stack they are in: of the access, of who freed the memory, of who made the mapping. */
function stacksIn(texts: readonly string[]): Pick<Trace, 'frames' | 'freed' | 'mapped'> {
  const stacks: Record<Part, Frame[]> = { access: [], freed: [], mapped: [], other: [] }
  let part: Part = 'access'
  for (const text of texts) {
    part = partFrom(text) ?? part
    if (/WARNING:|BUG:|^\s*Modules linked/.test(text)) continue
    const frame = frameIn(text)
    if (frame !== undefined && stacks[part].length < MOST_FRAMES) stacks[part].push(frame)
  }
  return { frames: stacks.access, freed: stacks.freed, mapped: stacks.mapped }
}
/** The part that begins with this line, if one does. */
function partFrom(text: string): Part | undefined {
  if (isMappedAt(text)) return 'mapped'
  if (!isOtherStack(text)) return undefined
  return /^\s*Freed by/.test(text) ? 'freed' : 'other'
}
