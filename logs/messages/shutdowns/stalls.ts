/**
 * Warnings of stalled shutdowns to pools. What tells one pool from another is its id, the boot and the machine;
 * where the log names no machine or boot, the time of page_pool_destroy() does (stamp less seconds), and
 * where there are no stamps, the seconds and the count.
 */
import type { ShutdownReport } from '../../report/shutdown.ts'
import type { LogClock, Stretch } from '../../text/log-clock.ts'
import { contradictions, misfit, signs } from './contradictions.ts'
import { Copies } from './copies.ts'
import { goesOn, isCompatible, isNext, rises } from './fits.ts'
import { judgeShutdown, type Crash } from './judge-shutdown.ts'
import { Shutdown } from './shutdown.ts'
import type { Warning } from './warning.ts'

const MOST_SHUTDOWNS = 20_000

export class Stalls {
  readonly list: Shutdown[] = []
  /** Shutdowns beyond those kept. */
  more = 0
  /** Their warnings. */
  untold = 0
  private readonly byName = new Map<string, Shutdown[]>()
  private readonly copies = new Copies()
  private readonly clock: LogClock

  constructor(clock: LogClock) {
    this.clock = clock
  }

  warn(w: Warning): Shutdown {
    const known = (this.byName.get(w.name) ?? []).filter((it) => isCompatible(it, w))
    const copied = this.copies.of(w, known)
    if (copied !== undefined) {
      if (copied.boot !== w.stretch.boot) this.clock.returnsTo(w.stretch, copied.boot)
      copied.repeat(w)
      return copied
    }
    this.clock.isNew(w.stretch)
    const it = goesOn(known, w)
    if (it === undefined) return this.another(known, w)
    if (it.suspicion !== undefined) {
      it.doubts.push(
        `${it.name} stands for two pools that were destroyed at different times, each with warnings that fit: lines of two machines or boots are mixed`,
      )
      it.suspicion = undefined
    }
    contradictions(it, w, this.isMixed(it))
    it.add(w)
    signs(it, w)
    return it
  }

  /** No pool that is known goes on like this. */
  private another(known: readonly Shutdown[], w: Warning): Shutdown {
    const it = this.begin(w.name === '' ? `a pool (line ${w.line})` : w.name, w.line, w.stretch)
    if (this.more > 0) this.untold += 1
    else this.keep(w.name, it)
    const old = known.at(-1)
    if (w.name !== '' && old !== undefined) follows(old, it, w)
    it.add(w)
    signs(it, w)
    return it
  }

  begin(name: string, line: number, { boot }: Stretch): Shutdown {
    const it = new Shutdown(name, line, boot)
    if (this.list.length < MOST_SHUTDOWNS) this.list.push(it)
    else this.more += 1
    return it
  }
  private keep(name: string, it: Shutdown): void {
    const all = this.byName.get(name)
    if (all === undefined) this.byName.set(name, [it])
    else all.push(it)
  }
  /** The pool of that name in this boot, for messages that are no warnings. */
  named(name: string, line: number, stretch: Stretch): Shutdown {
    const known = this.byName.get(name)?.findLast((it) => it.boot === stretch.boot)
    if (known !== undefined) {
      known.lastLine = line
      return known
    }
    const it = this.begin(name, line, stretch)
    this.keep(name, it)
    return it
  }

  private isMixed({ host }: Shutdown): boolean {
    return this.clock.mixed.has(host)
  }
  reports(crashes: readonly Crash[]): ShutdownReport[] {
    return this.list.map((it) => judgeShutdown(it, this.isMixed(it), crashes))
  }
}

/** Another pool of the name of one that is known. */
function follows(old: Shutdown, it: Shutdown, w: Warning): void {
  it.suspicion = misfit(old, w)
  if (it.suspicion !== undefined) return
  old.followedBy ??= w.line
  const last = old.last!
  if (rises(last, w) && w.seconds > last.seconds && Number.isNaN(w.at) && isNext(old, w))
    it.doubts.push(
      `line ${w.line}: ${w.inflight} in flight, and ${old.inflight} in line ${last.line}: another boot's or machine's pool, or a count that rose; without the kernel's stamps this cannot be told`,
    )
}
