/**
 * What page_pool printed before it had tracepoints and warnings: the forced shutdown of 5.3 and 5.4, and the debug
 * lines of the notes that led to the 2019 patches ("page_pool handling in-flight frames during shutdown",
 * xdp-project, areas/mem/page_pool03_shutdown_inflight.org).
 */
import type { Stretch } from '../../text/log-clock.ts'
import { finding } from './line-finding.ts'
import type { Shutdown } from './shutdown.ts'
import type { Stalls } from './stalls.ts'

const MOST_RUNS = 64
/** One of these is in every such line. */
const NAMES = /mem_id_disconnect|shutdown\/destroy|page_pool/
export type Counted = readonly [inflight: number, hold: number, released: number]

interface Note {
  readonly pattern: RegExp
  /** `number`: the mem id, or what is in flight. */
  readonly tell: (notes: DebugNotes, number: string, line: number, stretch: Stretch) => void
}
const NOTES: readonly Note[] = [
  {
    pattern: /__mem_id_disconnect\(\) id:(\d+)/,
    tell: (notes, id, line, stretch) => notes.disconnects(id, line, stretch),
  },
  {
    pattern: /mem_id_disconnect_defer_retry\(\) id:(\d+)/,
    tell: (notes, id, line, stretch) => void notes.pool(id, line, stretch),
  },
  {
    pattern: /shutdown\/destroy id\((\d+)\)/,
    tell: (notes, id, line, stretch) =>
      notes
        .pool(id, line, stretch)
        .tell(`line ${line}: not safe to remove, so the disconnect is left to the workqueue`),
  },
  {
    pattern: /page_pool_(?:request_shutdown|safe_to_destroy)\(\) inflight:(-?\d+)/,
    tell: (notes, inflight, line) => notes.asked(Number(inflight), line),
  },
  {
    pattern: /issue if page_pool\(id:(\d+)\) use DMA/,
    tell: (notes, id, line, stretch) => goneBefore(notes.pool(id, line, stretch)),
  },
]

export class DebugNotes {
  private readonly stalls: Stalls
  private current: Shutdown | undefined

  constructor(stalls: Stalls) {
    this.stalls = stalls
  }

  /** Lines that name a mem id. True if it is one. */
  feed(text: string, line: number, stretch: Stretch): boolean {
    if (!NAMES.test(text) || text.includes('%')) return false
    for (const { pattern, tell } of NOTES) {
      const m = pattern.exec(text)
      if (m === null) continue
      tell(this, m[1]!, line, stretch)
      return true
    }
    return false
  }
  pool(id: string, line: number, stretch: Stretch): Shutdown {
    return this.stalls.named(`mem.id ${id}`, line, stretch)
  }
  disconnects(id: string, line: number, stretch: Stretch): void {
    this.current = this.pool(id, line, stretch)
    this.current.tries += 1
  }
  asked(inflight: number, line: number): void {
    const it = this.current
    if (it === undefined || it.inflight !== null) return
    it.inflight = inflight
    it.ended = inflight === 0 ? 'freed' : 'stalled'
    it.runs.push({ inflight, times: 1, line })
  }

  /** `page_pool_free()` of 5.3 and 5.4: the pool goes although pages are out. */
  freedInFlight(counted: Counted, text: string, line: number, stretch: Stretch): void {
    const [inflight, hold, release] = counted
    const { list } = this.stalls
    const told = `freed by force with ${inflight} pages in flight (${hold} held, ${release} released)`
    const again = list.find(
      (it) => it.ended === 'freed by force' && it.story.some((story) => story.endsWith(told)),
    )
    if (again !== undefined) {
      again.repeated += 1
      return
    }
    const it =
      list.findLast((old) => old.ended === 'stalled' && (old.attempts ?? 0) > 120) ??
      this.stalls.begin(`a pool (line ${line})`, line, stretch)
    it.lastLine = line
    it.warnings += 1
    adds(it, counted, text, line)
    Object.assign(it, { inflight, hold, release, ended: 'freed by force' })
    it.tell(`line ${line}: ${told}`)
    it.impossible.push(
      finding(
        'freed in flight',
        line,
        `the pool is freed with ${inflight} pages in flight`,
        'attempts for as long as anything is in flight (pool-freed-only-when-empty). 5.3 and 5.4 give up after 120 attempts on purpose (d956a048cd3f); no kernel does since c3f812cea0d7',
        text,
      ),
    )
  }

  /** `XXX page_pool_inflight() inflight:... hold:... released:...` */
  counted(counted: Counted, text: string, line: number, stretch: Stretch): void {
    const [inflight, hold, release] = counted
    const it = this.whose(inflight, hold, line, stretch)
    it.lastLine = line
    adds(it, counted, text, line)
    const isRise = it.inflight !== null && it.hold === hold && inflight > it.inflight
    if (isRise && it.runs.some((run) => run.inflight === inflight)) {
      // It was said before: the text is there twice, or in another order.
      return
    }
    if (isRise)
      it.doubts.push(
        `line ${line}: ${inflight} in flight, and ${it.inflight} before: lines are missing or in another order, or a count rose`,
      )
    Object.assign(it, { inflight, hold, release })
    const run = it.runs.at(-1)
    if (run?.inflight === inflight) run.times += 1
    else if (it.runs.length < MOST_RUNS) it.runs.push({ inflight, times: 1, line })
    it.ended = inflight === 0 ? 'freed' : 'stalled'
  }
  /** A pool is asked once more when its memory is freed, an RCU grace period later: amid another's lines. */
  private whose(inflight: number, hold: number, line: number, stretch: Stretch): Shutdown {
    const { current } = this
    const drained = this.stalls.list.findLast(
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
    return drained ?? this.stalls.begin(`a pool (line ${line})`, line, stretch)
  }
}

/** A frame came back, and its pool was not there any more. */
function goneBefore(it: Shutdown): void {
  const said = it.story.findIndex((text) => text.includes('after the pool was gone'))
  const times = said < 0 ? 1 : Number(/(\d+) frames/.exec(it.story[said]!)?.[1]) + 1
  const text = `from line ${it.firstLine}: ${times} frames came back after the pool was gone (put_page() without an unmap)`
  if (said < 0) it.story.push(text)
  else it.story[said] = text
  it.ended ??= 'freed'
}

/** Does what was printed add up, as the kernel computes it? A number at a line's end may be cut: it goes on in the next. */
export const isWhole = ([inflight, hold, release]: Counted): boolean =>
  ((hold - release) | 0) === inflight

function adds(it: Shutdown, counted: Counted, text: string, line: number): void {
  if (isWhole(counted)) return
  const [inflight, hold, release] = counted
  const sum = (hold - release) | 0
  it.impossible.push(
    finding(
      'sum',
      line,
      `inflight ${inflight}, but ${hold} held minus ${release} released is ${sum}`,
      `inflight ${sum}`,
      text,
    ),
  )
}
