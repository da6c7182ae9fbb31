/**
 * What the kernel itself says of page_pool: stalled shutdowns, WARNs, dma-debug, the page allocator, and
 * the debug lines of the notes that led to the 2019 patches ("page_pool handling in-flight frames during
 * shutdown", xdp-project, areas/mem/page_pool03_shutdown_inflight.org).
 */
import { exactly, timeOf } from './log-clock.ts'
import { Notices } from './notices.ts'
import type { Check, EndState, Finding, Notice, ShutdownReport } from './report.ts'

interface Shutdown {
  name: string
  readonly firstLine: number
  lastLine: number
  hold: number | null
  release: number | null
  inflight: number | null
  attempts: number | null
  seconds: number | null
  /** Numbers of the log line before: seconds of the log's clock. */
  at: number
  /** The hold count may be another pool's, whose memory is freed just then. */
  tentative: boolean
  /** What it counts can be read in two ways. */
  unsure: boolean
  tries: number
  ended: EndState | undefined
  readonly story: string[]
  readonly runs: { inflight: number; times: number; line: number }[]
  readonly impossible: Finding[]
}
const MOST_SHUTDOWNS = 20_000
const MOST_STORY = 64
/** Below this the difference of two u32 is as likely a positive one that passed 2^31 (bnxt, January 2020). */
const MAY_HAVE_WRAPPED = -(2 ** 30)
/** Seconds between two warnings: DEFER_WARN_INTERVAL, 60 s since 5.5 and 30 s before; less what rounding takes. */
const WARN_INTERVAL = { pool: 59, id: 29 }

export class KernelLog {
  readonly shutdowns: Shutdown[] = []
  private readonly checks = new Notices()
  /** Shutdowns beyond those kept. */
  moreShutdowns = 0
  private byName = new Map<string, Shutdown>()
  private current: Shutdown | undefined
  private lastTime = NaN

  get moreNotices(): number {
    return this.checks.omitted
  }
  get notices(): readonly Notice[] {
    return this.checks.all
  }

  /** True if the line is one of these; `incomplete` if it may go on in the next line. */
  feed(text: string, line: number): boolean | 'incomplete' {
    this.checks.callTrace(text)
    const isOurs =
      text.includes('nflight') ||
      text.includes('n-flight') ||
      text.includes('mem_id_disconnect') ||
      text.includes('stalled mem.id') ||
      text.includes('stalled pool') ||
      text.includes('release_stalled') ||
      text.includes('page_pool(id:') ||
      text.includes('shutdown/destroy id(')
    if (isOurs && !text.includes('%')) {
      const handled = this.ours(text, line)
      if (handled !== false) return handled
    }
    if (this.checks.feed(text, line)) return true
    if (text.includes('Linux version ')) this.reboot()
    return false
  }

  private ours(text: string, line: number): boolean | 'incomplete' {
    const time = timeOf(text)
    if (time < this.lastTime - 60) this.reboot()
    if (!Number.isNaN(time)) this.lastTime = time
    let m = /stalled pool shutdown:?\s+(?:id (\d+),\s*)?(-?\d+) inflight (\d+) sec/.exec(text)
    m ??= /page_pool_release_stalled:.* id=(\d+) inflight=(-?\d+) sec=(\d+)/.exec(text)
    if (m !== null) return this.stalledPool(m, text, line, time)
    m = /stalled mem\.id=(\d+) shutdown (\d+) attempts (\d+) sec/.exec(text)
    if (m !== null) return this.stalledId(m, text, line, time)
    if (/\(\) stalled (?:pool shutdown|mem\.id)/.test(text)) return 'incomplete'
    m = /Negative\((-?\d+)\) inflight packet-pages/.exec(text)
    if (m !== null) return this.negative(Number(m[1]), text, line)
    m = /Still in-flight pages:(-?\d+) hold:(\d+) released:(\d+)/.exec(text)
    if (m !== null) return this.freedInFlight(numbers(m), text, line)
    m = /page_pool_inflight\(\) inflight:(-?\d+) hold:(\d+) released:(\d+)/.exec(text)
    if (m !== null) return this.counted(numbers(m), text, line)
    m = /__mem_id_disconnect\(\) id:(\d+)/.exec(text)
    if (m !== null) {
      this.current = this.named(`mem.id ${m[1]}`, line)
      this.current.tries += 1
      return true
    }
    m = /mem_id_disconnect_defer_retry\(\) id:(\d+)/.exec(text)
    if (m !== null) {
      this.named(`mem.id ${m[1]}`, line)
      return true
    }
    m = /shutdown\/destroy id\((\d+)\)/.exec(text)
    if (m !== null) {
      this.named(`mem.id ${m[1]}`, line).story.push(
        `line ${line}: not safe to remove, so the disconnect is left to the workqueue`,
      )
      return true
    }
    m = /page_pool_(?:request_shutdown|safe_to_destroy)\(\) inflight:(-?\d+)/.exec(text)
    if (m !== null) return this.asked(Number(m[1]), line)
    m = /issue if page_pool\(id:(\d+)\) use DMA/.exec(text)
    if (m !== null) return this.gone(m[1]!, line)
    return false
  }

  /**
   * `page_pool_release_retry()`, since 5.5; `id` is the pool's netlink id, since 6.8. The event
   * page_pool_release_stalled, proposed in 2026, says the same.
   */
  private stalledPool(m: RegExpExecArray, text: string, line: number, time: number): true {
    const inflight = Number(m[2])
    const seconds = Number(m[3])
    const it =
      m[1] === undefined ? this.nameless(inflight, seconds, line) : this.named(`id ${m[1]}`, line)
    const exact = /\[\s*\d+\.\d{6}\]/.test(text)
    this.stalls(it, { inflight, seconds, line, text, time: exact ? time : NaN }, WARN_INTERVAL.pool)
    this.tell(it, `line ${line}: ${inflight} in flight after ${seconds} s`)
    it.inflight = inflight
    if (inflight < MAY_HAVE_WRAPPED) {
      it.unsure = true
      it.story.push(
        `line ${line}: the count has 32 bits and a sign: ${inflight + 2 ** 32} pages were held and never released, or ${-inflight} more were released than held`,
      )
    } else if (inflight < 0) this.belowZero(it, inflight, text, line)
    return true
  }
  /** `mem_id_disconnect_defer_retry()` of 5.3 and 5.4. */
  private stalledId(m: RegExpExecArray, text: string, line: number, time: number): true {
    const [id, attempts, seconds] = m.slice(1).map(Number) as [number, number, number]
    const now = { inflight: null, seconds, line, text, time: exactly(text, time) }
    const it = this.told(`mem.id ${id}`, now, (old) => old.attempts === attempts)
    if (it === undefined) return true
    this.stalls(it, now, WARN_INTERVAL.id)
    if (attempts - 1 > seconds + 1 || (it.attempts !== null && attempts <= it.attempts))
      it.impossible.push(
        finding(
          'time',
          line,
          `${attempts} attempts in ${seconds} s${it.attempts === null ? '' : `, after ${it.attempts} attempts before`}: attempts come a second apart`,
          `at most ${seconds + 2} attempts, and more than before`,
          text,
        ),
      )
    it.attempts = attempts
    this.tell(it, `line ${line}: still not disconnected after ${attempts} attempts, ${seconds} s`)
    return true
  }
  /**
   * The shutdown of that name. Logs are often there twice (dmesg and journal, console and syslog): a
   * warning that says the same again is no other (undefined), and one that goes back in time begins anew.
   */
  private told(
    name: string,
    now: Warning,
    isSame: (old: Shutdown) => boolean,
  ): Shutdown | undefined {
    const old = this.byName.get(name)
    const goesBack = old?.seconds != null && now.seconds <= old.seconds && !(now.time > old.at)
    if (!goesBack) return this.named(name, now.line)
    if (now.seconds === old.seconds && isSame(old)) return undefined
    this.byName.delete(name)
    return this.named(name, now.line)
  }
  private stalls(it: Shutdown, now: Warning, interval: number): void {
    const { inflight, seconds, line, text, time } = now
    if (it.inflight !== null && inflight !== null && inflight > it.inflight)
      it.impossible.push(
        finding(
          'sum',
          line,
          `${inflight} in flight, and ${it.inflight} before: after page_pool_destroy() no page is added`,
          `${it.inflight} or fewer`,
          text,
        ),
      )
    if (it.seconds !== null) {
      const passed = seconds - it.seconds
      const clock = time - it.at
      if (passed < interval || Math.abs(passed - clock) > 5 + 0.2 * clock)
        it.impossible.push(
          finding(
            'time',
            line,
            `${seconds} sec, and ${it.seconds} sec in the warning before${Number.isNaN(clock) ? '' : `, ${clock.toFixed(1)} s earlier by the clock of the log`}: a stalled shutdown is reported every ${interval + 1} s`,
            `about ${it.seconds + (Number.isNaN(clock) ? interval + 1 : Math.round(clock))} sec`,
            text,
          ),
        )
    }
    it.seconds = seconds
    it.at = time
    it.ended = 'stalled'
  }
  /** Without an id (5.5 to 6.7) the warnings of several pools are told apart by their numbers. */
  private nameless(inflight: number, seconds: number, line: number): Shutdown {
    const goesOn = this.shutdowns.find(
      (it) =>
        it.name.startsWith('a pool') &&
        it.seconds !== null &&
        it.inflight !== null &&
        inflight <= it.inflight &&
        seconds - it.seconds >= 59 &&
        seconds - it.seconds <= 75,
    )
    return goesOn === undefined
      ? this.begin(`a pool (line ${line})`, line)
      : this.touched(goesOn, line)
  }

  private negative(inflight: number, text: string, line: number): true {
    const it = this.named('a pool with negative in-flight', line)
    it.inflight = inflight
    it.story.push(`line ${line}: ${-inflight} more pages were released than held`)
    this.belowZero(it, inflight, text, line)
    return true
  }
  private belowZero(it: Shutdown, inflight: number, text: string, line: number): void {
    it.ended = 'negative'
    if (it.impossible.length === 0)
      it.impossible.push(
        finding(
          'negative',
          line,
          `the kernel counts ${inflight} pages in flight: more were released than held`,
          'a page is released once for each time it is held (in-flight-never-negative)',
          text,
        ),
      )
  }
  /** `page_pool_free()` of 5.3 and 5.4: the pool goes although pages are out. */
  private freedInFlight([inflight, hold, release]: Three, text: string, line: number): true {
    const forcedOne = this.shutdowns.findLast(
      (it) => it.ended === 'stalled' && (it.attempts ?? 0) > 120,
    )
    const it = forcedOne ?? this.begin(`a pool (line ${line})`, line)
    this.touched(it, line)
    this.adds(it, [inflight, hold, release], text, line)
    Object.assign(it, { inflight, hold, release, ended: 'freed by force' })
    it.story.push(
      `line ${line}: freed by force with ${inflight} pages in flight (${hold} held, ${release} released)`,
    )
    it.impossible.push(
      finding(
        'freed in flight',
        line,
        `the pool is freed with ${inflight} pages in flight`,
        'attempts for as long as anything is in flight (pool-freed-only-when-empty). 5.3 and 5.4 give up after 120 attempts on purpose (d956a048cd3f); no kernel does since c3f812cea0d7',
        text,
      ),
    )
    return true
  }

  /** `XXX page_pool_inflight() inflight:... hold:... released:...` */
  private counted([inflight, hold, release]: Three, text: string, line: number): true {
    const it = this.whose(inflight, hold, line)
    this.touched(it, line)
    this.adds(it, [inflight, hold, release], text, line)
    if (it.inflight !== null && it.hold === hold && inflight > it.inflight)
      it.impossible.push(
        finding(
          'sum',
          line,
          `${inflight} in flight, and ${it.inflight} before`,
          `${it.inflight} or fewer`,
          text,
        ),
      )
    Object.assign(it, { inflight, hold, release })
    const run = it.runs.at(-1)
    if (run?.inflight === inflight) run.times += 1
    else if (it.runs.length < MOST_STORY) it.runs.push({ inflight, times: 1, line })
    it.ended = inflight === 0 ? 'freed' : 'stalled'
    return true
  }
  /** A pool is asked once more when its memory is freed, an RCU grace period later: amid another's lines. */
  private whose(inflight: number, hold: number, line: number): Shutdown {
    const { current } = this
    const drained = this.shutdowns.findLast(
      (it) => it !== current && it.hold === hold && (it.inflight === 0 || inflight > 0),
    )
    if (current?.hold === hold) return current
    if (current !== undefined && (current.hold === null || current.tentative)) {
      if (current.tentative) {
        current.runs.length = 0
        current.inflight = null
      }
      current.tentative = drained !== undefined && inflight === 0
      return current
    }
    return drained ?? this.begin(`a pool (line ${line})`, line)
  }
  private adds(it: Shutdown, [inflight, hold, release]: Three, text: string, line: number): void {
    if (((hold - release) | 0) !== inflight)
      it.impossible.push(
        finding(
          'sum',
          line,
          `inflight ${inflight}, but ${hold} held minus ${release} released is ${(hold - release) | 0}`,
          `inflight ${(hold - release) | 0}`,
          text,
        ),
      )
  }
  private asked(inflight: number, line: number): true {
    const it = this.current
    if (it !== undefined && it.inflight === null) {
      it.inflight = inflight
      it.ended = inflight === 0 ? 'freed' : 'stalled'
      it.runs.push({ inflight, times: 1, line })
    }
    return true
  }
  private gone(id: string, line: number): true {
    const it = this.named(`mem.id ${id}`, line)
    it.tries += 0
    const said = it.story.findIndex((text) => text.includes('after the pool was gone'))
    const times = said < 0 ? 1 : Number(/(\d+) frames/.exec(it.story[said]!)?.[1]) + 1
    const text = `from line ${it.firstLine}: ${times} frames came back after the pool was gone (put_page() without an unmap)`
    if (said < 0) it.story.push(text)
    else it.story[said] = text
    it.ended ??= 'freed'
    return true
  }

  /** A stall may last for weeks: the first and the last lines of it are kept. */
  private tell(it: Shutdown, text: string): void {
    it.story.push(text)
    if (it.story.length > MOST_STORY) it.story.splice(MOST_STORY >> 1, 1)
  }
  private named(name: string, line: number): Shutdown {
    const known = this.byName.get(name)
    if (known !== undefined) return this.touched(known, line)
    const it = this.begin(name, line)
    this.byName.set(name, it)
    return it
  }
  private begin(name: string, line: number): Shutdown {
    const it: Shutdown = {
      name,
      firstLine: line,
      lastLine: line,
      hold: null,
      release: null,
      inflight: null,
      attempts: null,
      seconds: null,
      at: NaN,
      tentative: false,
      unsure: false,
      tries: 0,
      ended: undefined,
      story: [],
      runs: [],
      impossible: [],
    }
    if (this.shutdowns.length < MOST_SHUTDOWNS) this.shutdowns.push(it)
    else this.moreShutdowns += 1
    return it
  }
  private touched(it: Shutdown, line: number): Shutdown {
    it.lastLine = line
    return it
  }
  /** Names and numbers after a boot are another machine's life. */
  private reboot(): void {
    this.byName = new Map()
    this.current = undefined
    this.lastTime = NaN
    for (const it of this.shutdowns) if (it.name.startsWith('a pool (')) it.seconds = null
  }

  reports(): ShutdownReport[] {
    return this.shutdowns.map((it) => ({
      name: it.name,
      verdict: it.impossible.length > 0 ? 'impossible' : it.unsure ? 'cannot tell' : 'consistent',
      end: it.ended ?? 'alive',
      story: storyOf(it),
      inflight: it.inflight,
      hold: it.hold,
      release: it.release,
      attempts: it.attempts ?? (it.tries > 0 ? it.tries : null),
      seconds: it.seconds,
      firstLine: it.firstLine,
      lastLine: it.lastLine,
      impossible: it.impossible,
    }))
  }
}
interface Warning {
  readonly inflight: number | null
  readonly seconds: number
  readonly line: number
  readonly text: string
  /** NaN unless the stamp is the kernel's own: others are of when the line arrived. */
  readonly time: number
}
type Three = readonly [number, number, number]
const numbers = (m: RegExpExecArray): Three => [Number(m[1]), Number(m[2]), Number(m[3])]

function storyOf(it: Shutdown): string[] {
  const runs = it.runs.map(
    ({ inflight, times, line }) =>
      `line ${line}: ${inflight} in flight${times > 1 ? ` (said ${times} times)` : ''}`,
  )
  const counters =
    it.hold === null || it.ended === 'freed by force'
      ? []
      : [`${it.hold} held, ${it.release} released`]
  return [...counters, ...[...it.story, ...runs].sort((a, b) => lineIn(a) - lineIn(b))]
}
const lineIn = (text: string): number => Number(/line (\d+)/.exec(text)?.[1] ?? 0)

const finding = (
  check: Check,
  line: number,
  says: string,
  allowed: string,
  text: string,
): Finding => ({
  check,
  at: { line, time: null, cpu: null },
  says,
  allowed,
  window: [`${line}: ${text.trim()}`],
})
