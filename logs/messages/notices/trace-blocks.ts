/** Reports of the kernel's own checks and its crashes, gathered line by line: head, message, where, call trace. */
import { ownText } from '../../text/event.ts'
import { frameIn, isMappedAt, isOtherStack, whereIn, type Frame } from './frames.ts'
import { CRASH, judgeTrace, type Trace } from './judge-trace.ts'
import { compact, type KernelLine } from '../../text/kernel-line.ts'
import type { Notice } from '../../report.ts'
import type { Shutdown } from '../shutdowns/shutdown.ts'

const MOST_NOTICES = 100
const MOST_LINES = 200
const MOST_FRAMES = 40
/** Lines of one report have stamps this near to each other, in seconds. */
const ONE_REPORT = 10
/** Lines from the first to the call trace in which a head may follow a message, and belongs to it. */
const HEAD_LINES = 30

/** A report begins: in text without blanks, since heads are wrapped as well. */
const HEADS =
  /WARNING:(?:CPU:\d|at|[\w./-]+\.[chS]:\d+|possible|inconsistent|suspicious|badunlock)|BUG:(?:KASAN|KFENCE|KCSAN|kernelNULL|unabletohandle|Badpage|scheduling|sleeping|spinlock|softlockup|workqueue|listcorr|KernelNULL|TASKstack)|Unabletohandlekernel|Oops:|generalprotectionfault|refcount_t:|DMA-API:(?!Mappedat)|UBSAN:|list_(?:add|del)corruption|plpar_tce_\w+failed|tce_\w+:plpar|pagedumpedbecause|page_poolrefcnt\S*violation|Missing(?:un)?register|Missingnet_devicefromdriver|Driverpromisednottoregister|IncorrectXDPmemorytype|XDP_WARN:|page_pool_create(?:_percpu)?\(\)gaveupwitherrno-?\d|mem-providerinitfailed|unexpectedDMAaddress|couldn'ttrackDMAmapping|Calltrace:|CallTrace:|Backtrace:|INFO:task\S*blocked|rcu_\w+self-detectedstall/
/** One of these is in every head: every line of a kernel log is asked, and this is quicker. */
const SIGNS = [
  'WARNING:',
  'BUG:',
  'Unableto',
  'Oops:',
  'generalprot',
  'refcount_t:',
  'DMA-API:',
  'UBSAN',
  'corruption',
  'tce_',
  'dumpedbecause',
  'refcnt',
  'Missing',
  'Driverprom',
  'Incorrect',
  'XDP_WARN',
  'gaveup',
  'mem-prov',
  'unexpectedDMA',
  'couldn',
  'trace:',
  'Trace:',
  'blocked',
  'self-detected',
]
const BEGINS = /^(?:\[\d+\] )?-{8,}\[ ?cut here ?\]/
const ENDS = /---\[ ?end (?:trace|Kernel panic)/

interface Open {
  readonly lines: { text: string; line: number }[]
  /** The line with the head. */
  head: { text: string; line: number } | undefined
  readonly at: number
  /** Call traces, and frames in them. */
  traces: number
  frames: number
  other: boolean
  /** The end mark of the trace was there; dma-debug goes on with who made the mapping. */
  ended: boolean
  left: number
}
interface Kept {
  readonly notice: Notice
  readonly key: string
  readonly line: number
  times: number
}

/** A crash: what comes after it in the log is of a kernel that may do nothing more. */
export interface Crash {
  readonly host: string
  readonly line: number
  /** Seconds of the kernel's clock, or NaN. */
  readonly at: number
}

export class TraceBlocks {
  readonly crashes: Crash[] = []
  private readonly open = new Map<string, Open>()
  private readonly kept: Kept[] = []
  /** The last two lines. */
  private before: { text: string; line: number }[] = []
  /** Reports beyond those kept. */
  omitted = 0

  /** `joined`: the last lines without their blanks. */
  feed({ text, host, at }: KernelLine, line: number, joined: string): void {
    let it = this.open.get(host)
    const head = headIn(joined, compact(text).length)
    if (it !== undefined && (at - it.at > ONE_REPORT || it.left === 0)) it = this.close(host, it)
    if (it?.ended === true && text.trim() !== '') {
      if (isMappedAt(text)) it.ended = false
      else it = this.close(host, it)
    }
    if (BEGINS.test(text)) {
      if (it !== undefined) this.close(host, it)
      this.begin(host, at)
      return
    }
    if (head !== undefined && it !== undefined && isAnother(it, head)) it = this.close(host, it)
    if (head !== undefined && it === undefined) {
      it = this.begin(host, at)
      // The head was wrapped inside: it begins in a line before.
      if (!compact(text).includes(head)) it.lines.push(...this.before)
    }
    this.before[0] = this.before[1] ?? { text: '', line }
    this.before[1] = { text, line }
    if (it === undefined) return
    it.left -= 1
    it.lines.push({ text: ownText(text), line })
    if (head !== undefined && (it.head === undefined || !isStrong(it.head.text)))
      it.head = { text: head, line }
    if (isOtherStack(text)) it.other = true
    if (/^Call[Tt]race|^Backtrace/.test(head ?? '')) it.traces += 1
    else if (it.traces > 0 && head === undefined && frameIn(text) !== undefined) it.frames += 1
    if (!ENDS.test(text)) return
    if (it.head?.text.startsWith('DMA-API') === true) it.ended = true
    else this.close(host, it)
  }
  private begin(host: string, at: number): Open {
    const it: Open = {
      lines: [],
      head: undefined,
      at,
      traces: 0,
      frames: 0,
      other: false,
      ended: false,
      left: MOST_LINES,
    }
    this.open.set(host, it)
    return it
  }
  private close(host: string, it: Open): undefined {
    this.open.delete(host)
    if (it.head !== undefined) this.judged(it, host)
    return undefined
  }
  end(): void {
    for (const [host, it] of this.open) this.close(host, it)
  }

  private judged(it: Open, host: string): void {
    const trace = traceOf(it)
    const notice = judgeTrace(trace)
    if (notice === undefined) return
    const isOurs = notice.aboutPagePool || notice.frames.length === 0
    if (isOurs && CRASH.test(trace.joined) && this.crashes.length < MOST_NOTICES)
      this.crashes.push({ host, line: notice.line, at: it.at })
    const key = `${notice.text.replace(/\d+/g, 'N')} ${trace.frames.map(({ fn }) => fn).join(' ')}`
    const same = this.kept.find((old) => old.key === key)
    if (same !== undefined) same.times += 1
    else if (this.kept.length < MOST_NOTICES)
      this.kept.push({ notice, key, line: notice.line, times: 1 })
    else this.omitted += 1
  }
  /** In the order of the log. A crash without a call trace is looked at beside the pools that stalled before it. */
  notices(shutdowns: readonly Shutdown[]): readonly Notice[] {
    return this.kept
      .map(({ notice, times }) => ({ ...beside(notice, shutdowns), times }))
      .sort((a, b) => a.line - b.line)
  }
}

function headIn(joined: string, length: number): string | undefined {
  if (length === 0 || !SIGNS.some((sign) => joined.includes(sign))) return undefined
  const m = HEADS.exec(joined)
  if (m === null || m.index + m[0].length <= joined.length - length) {
    // An earlier head in the window hides a new one.
    const last = HEADS.exec(joined.slice(-length))
    return last === null ? undefined : last[0]
  }
  return m[0]
}
/** `Call trace:` alone is a stack that somebody printed; what comes before it in the same report says more. */
const isStrong = (head: string): boolean => !/^Call[Tt]race|^Backtrace|^Oops/.test(head)
const isAnother = (it: Open, head: string): boolean => {
  if (it.head === undefined) return false
  // A bad page is told in several lines.
  if (head.startsWith('pagedumped') && it.head.text.startsWith('BUG:Bad')) return false
  if (/^Call[Tt]race:|^Backtrace:/.test(head)) return it.frames > 0 && !it.other
  if (head.startsWith('Oops:')) return it.frames > 0
  if (it.frames > 0) return true
  // The message of a WARN() stands before its head, and dma-debug prints one of its own.
  const isMessage = !/^(?:WARNING|BUG|Unable|general)/.test(it.head.text)
  return it.lines.length > HEAD_LINES || !(isMessage && /^(?:WARNING|BUG)/.test(head))
}

const WARN_HEAD =
  /WARNING:(?:CPU:\d+PID:\d+at([\w./+-]+\.[chS]:\d+)?([A-Za-z_][\w.$]*?)|([\w./+-]+\.[chS]:\d+)?at([A-Za-z_][\w.$]*?))(?:\+0x|\()/

function traceOf({ lines, head }: Open): Trace {
  const texts = unwrapped(lines.map(({ text }) => text))
  const joined = compact(lines.map(({ text }) => text).join(''))
  const warn = WARN_HEAD.exec(joined)
  const frames: Frame[] = []
  const freed: Frame[] = []
  const mapped: Frame[] = []
  let part: 'access' | 'freed' | 'mapped' | 'other' = 'access'
  let where: string | undefined
  for (const text of texts) {
    if (isOtherStack(text)) part = /^\s*Freed by/.test(text) ? 'freed' : 'other'
    if (isMappedAt(text)) part = 'mapped'
    where ??= whereIn(text)
    if (/WARNING:|BUG:|^\s*Modules linked/.test(text)) continue
    const frame = frameIn(text)
    if (frame === undefined) continue
    const into = { access: frames, freed, mapped, other: undefined }[part]
    if (into !== undefined && into.length < MOST_FRAMES) into.push(frame)
  }
  return {
    line: head!.line,
    joined,
    text: `${texts.join(' ')}\n${texts.join('')}`,
    head: headText(texts, head!.text),
    file: warn?.[1] ?? warn?.[3] ?? '',
    fn: warn?.[2] ?? warn?.[4] ?? where ?? kasanIn(joined) ?? '',
    isWarn: /WARNING:/.test(joined),
    frames,
    freed,
    mapped,
    workqueue: /Workqueue:\s*\S+\s+(\w+)/.exec(texts.join('\n'))?.[1] ?? '',
    kernel:
      /(?:Tainted:?|Not tainted)[^\n]*?\b(\d+\.\d+[.\d]*\S*)/.exec(texts.join('\n'))?.[1] ?? '',
  }
}
const kasanIn = (joined: string): string | undefined =>
  /(?:KASAN|KFENCE|KCSAN):.*?in([A-Za-z_][\w.$]*?)(?:\+0x|\()/.exec(joined)?.[1]

/** The head as a reader saw it, with the next lines if it was wrapped. */
function headText(texts: readonly string[], head: string): string {
  const i = texts.findIndex((text, n) => compact(text + (texts[n + 1] ?? '')).includes(head))
  let text = (texts[Math.max(i, 0)] ?? '').trim()
  for (let n = i + 1; n < i + 4 && n < texts.length; n += 1)
    if (!compact(text).includes(head) || isCutHead(text)) text += ` ${texts[n]!.trim()}`
  return text
}
/** A head whose end is on the next line: a WARNING without its function, a fault without its address. */
const isCutHead = (text: string): boolean =>
  (/WARNING: CPU/.test(text) && !/\+0x|\(/.test(text)) ||
  (/Unable to handle|NULL pointer dereference/.test(text) &&
    !/(?:address|at):? +(?:0x)?[0-9a-f]{4}/.test(text))

/** A frame that was wrapped inside its name: a bare word, and then the rest of it with an offset. */
function unwrapped(lines: readonly string[]): string[] {
  const whole: string[] = []
  for (const text of lines) {
    const before = whole.at(-1)
    if (before !== undefined && isCutWhere(before) && whereIn(before + text) !== undefined) {
      whole[whole.length - 1] = before + text
      continue
    }
    if (
      before !== undefined &&
      isPiece(before) &&
      /^[\w.$]*(?:\+0?x?[0-9a-f]|x[0-9a-f])/.test(text)
    ) {
      whole[whole.length - 1] = before.trimEnd() + text
      continue
    }
    whole.push(text)
  }
  return whole
}
/** The line of the program counter, cut inside the function. */
const isCutWhere = (text: string): boolean =>
  /(?:RIP: |pc : |epc : |NIP |PC is at)/.test(text) && whereIn(text) === undefined
const isPiece = (text: string): boolean =>
  /^\s*(?:\? )?[A-Za-z_][\w.$]*(?:\+0?)?$/.test(text) && frameIn(text) === undefined

/** What the log says around a crash whose call trace is not there. */
function beside(notice: Notice, shutdowns: readonly Shutdown[]): Notice {
  if (notice.property !== '' || notice.aboutPagePool || !notice.isNull || notice.frames.length > 0)
    return notice
  const before = shutdowns.filter(
    ({ ended, firstLine }) => ended === 'stalled' && firstLine <= notice.line,
  )
  if (before.length === 0) return notice
  return {
    ...notice,
    suspects: 'no-unmap-after-unbind',
    says: `no call trace is here. ${before.length === 1 ? 'A pool was' : `${before.length} pools were`} destroyed with pages in flight before it (${before
      .slice(-3)
      .map(({ name }) => name)
      .join(
        ', ',
      )}), and a late unmap for a device whose driver was unbound crashes just like this, on a NULL pointer and a small offset: look for page_pool_release_retry or page_pool_return_page in the trace that belongs here (no-unmap-after-unbind)`,
  }
}
