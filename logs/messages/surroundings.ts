/** Lines that tell why a pool was destroyed: a reset, a link going down, XDP detached. */
import type { KernelLine } from '../text/kernel-line.ts'
import { ownText } from '../text/own-text.ts'

/** A pool is destroyed a minute before the first warning, and many drivers talk in between. */
const KEPT = 10_000
const SHOWN = 4
/** Seconds around the destroy time; the count of seconds in a warning is rounded down. */
const BEFORE = 10
const AFTER = 1
const TELLING =
  /reset|link (?:is )?(?:up|down)|\bXDP\b|unregister|remov|uninit|SRIOV|sriov|net stop|suspend|resum|firmware|timeout|watchdog|probe|ring|channel|queue|driver|iommu group/i

interface Told {
  readonly host: string
  readonly at: number
  readonly line: number
  readonly text: string
}

export class Surroundings {
  private readonly kept: Told[] = []
  private next = 0

  add({ text, host, at }: KernelLine, line: number): void {
    if (Number.isNaN(at)) return
    this.kept[this.next] = { host, at, line, text }
    this.next = (this.next + 1) % KEPT
  }
  /** What was said when a pool was destroyed, in the order of time. */
  at(host: string, destroyed: number): readonly string[] {
    return this.kept
      .filter(
        (it) =>
          it.at >= destroyed - BEFORE &&
          it.at <= destroyed + AFTER &&
          it.host === host &&
          TELLING.test(it.text) &&
          !it.text.includes('page_pool'),
      )
      .sort((a, b) => a.at - b.at)
      .slice(-SHOWN)
      .map(({ line, text }) => ownText(`line ${line}: ${text.trim().slice(0, 160)}`))
  }
}
