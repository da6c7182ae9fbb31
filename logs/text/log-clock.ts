/**
 * The clock of each machine in a log. A file may hold several machines, several boots, and the same minutes
 * twice: where the kernel's clock runs back, a new stretch begins, and stretches are compared with care.
 */
import { wallPassed, type KernelLine } from './kernel-line.ts'

/** Lines of several CPUs may overtake each other by this much, in seconds. */
const JITTER = 1

export interface Stretch {
  readonly host: string
  boot: Boot
  /** The greatest kernel time in it; NaN: none was printed. */
  until: number
}
export interface Boot {
  readonly host: string
  id: string
  /** Counts the boots of one machine, in the order of the log. */
  readonly number: number
  /** The greatest wall-clock time in it. */
  wall: number
  /** Where the next boot of the machine begins. */
  endedBy: number | undefined
}

export class LogClock {
  private readonly hosts = new Map<string, Stretch>()
  /** The clock ran back in a machine's lines, and no repeated text explains it. */
  readonly mixed = new Set<string>()
  private readonly ranBack = new Set<string>()

  /** The stretch the line is in. */
  pass(from: KernelLine, line: number): Stretch {
    const { host, at, wall } = from
    let it = this.hosts.get(host)
    if (it === undefined) it = this.begin(host, newBoot(host, from.boot, 1))
    if (from.boot !== '' && from.boot !== it.boot.id) {
      if (it.boot.id !== '') it = this.reboot(it, from.boot, line)
      else it.boot.id = from.boot
    }
    if (isBootMark(from.text)) it = this.reboot(it, from.boot, line)
    if (at < it.until - JITTER) {
      it = this.begin(host, it.boot)
      this.ranBack.add(host)
    }
    if (!(at <= it.until) && !Number.isNaN(at)) it.until = at
    const { boot } = it
    if (!Number.isNaN(wall) && !(wallPassed(boot.wall, wall) <= 0)) boot.wall = wall
    return it
  }
  private begin(host: string, boot: Boot): Stretch {
    const it: Stretch = { host, boot, until: NaN }
    this.hosts.set(host, it)
    return it
  }
  private reboot(old: Stretch, id: string, line: number): Stretch {
    old.boot.endedBy ??= line
    return this.begin(old.host, newBoot(old.host, id, old.boot.number + 1))
  }
  /** The text of that boot is there once more. */
  returnsTo(stretch: Stretch, boot: Boot): void {
    this.ranBack.delete(stretch.host)
    stretch.boot = boot
  }
  /** A warning that is no copy: if the clock had run back, other lines are mixed in. */
  isNew({ host }: Stretch): void {
    if (this.ranBack.delete(host)) this.mixed.add(host)
  }
}
const newBoot = (host: string, id: string, number: number): Boot => ({
  host,
  id,
  number,
  wall: NaN,
  endedBy: undefined,
})
/** printk's first line, and the journal's mark between boots. */
const isBootMark = (text: string): boolean =>
  text.startsWith('Linux version ') || /^-- (?:Boot [0-9a-f]|Reboot --)/.test(text)
