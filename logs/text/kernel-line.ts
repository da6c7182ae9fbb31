/** One line of a kernel log without what printk, loggers, terminals and mailers put in front of it. */

export interface KernelLine {
  /** What the kernel printed. */
  readonly text: string
  /** The machine, '' where the line does not say. */
  readonly host: string
  /** The journal's boot id, '' where the line does not say. */
  readonly boot: string
  /** Seconds of the kernel's own clock, or NaN. */
  readonly at: number
  /** Seconds of wall-clock time within a year (loggers leave the year out), or NaN. */
  readonly wall: number
  /** Netconsole sent the message in parts: its sequence number and the offset of this part. */
  readonly part: { readonly message: string; readonly offset: number } | undefined
}
type Building = { -readonly [K in keyof KernelLine]: KernelLine[K] }

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const QUOTED = /^(?:\s|>|\||&gt;)+/
const MAY_BE_QUOTED = /^[\s>|&]/
/** Every line passes here: most have no head, or no second one. */
const MAY_BE_HEAD = /^(?:[<[\d]|[A-Z][a-z]{2} |[\w./-]+[:,\s])/
/** netconsole with `extended`, and /dev/kmsg: `[release,]level,sequence,microseconds,flags[,key=value...];text`. */
const EXTENDED = /^(?:[\w.+~-]*\.\d[^,;\s]*,)?\d+,(\d+),(\d+),[-c+][^;\s]*;/
/** What is left of such a head when it was cut. */
const REST_OF_EXTENDED = /^[\w.,+~-]*,[-c+](?:,[\w=/.-]+)*;/
const FRAGMENT = /,ncfrag=(\d+)\/\d+/
const PRIORITY = /^<\d{1,3}>(?:1 )?\s*/
const ISO =
  /^\[?\d{4}-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:?\s+/
const SYSLOG = new RegExp(
  String.raw`^\[?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+)?(${MONTH})\s+(\d{1,2})\s+(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:\s+\d{4})?\]?\s+`,
)
/** `dmesg -H`, journalctl -o short-unix. */
const OTHER_DATE = new RegExp(
  String.raw`^(?:\[${MONTH}\s?\d{1,2} \d\d:\d\d\]|\[\s*\+\d+\.\d+\]|\d{10}\.\d{6})\s+`,
)
/** `kern.warn `, `kern  :warn  : `. */
const FACILITY = /^(?:kern|user|daemon|syslog)\s*[.:]\s*[a-z]+\s*:?\s+/
/** `dmesg -x`. */
const LEVEL = /^(?:kern|user|daemon|syslog)\s*:\s*[a-z]+\s*:\s+(?=\[)/
const TAG = /^(?:([A-Za-z0-9][\w.:-]*)\s+)?kernel(?:\[\d+\])?(?::| -(?: -)*)\s*/
const BUSYBOX_HOST = /^([A-Za-z0-9][\w.-]*)\s+(?=(?:kern|user)\.[a-z]+\s)/
/** `[   83.511022] `, with what `dmesg -d` and CONFIG_PRINTK_CALLER add. */
const STAMP = /^\[\s*(\d+\.\d{1,9})(?:\s*<[^>]*>)?\](?:\s?\[\s*[TC]?\d+\])?\s?/
/** pdsh, clush, ansible: `node12: [   83.5] `; grep -H: `kern.log:Jan  4 `. */
const COLLECTED = /^([A-Za-z0-9][\w./-]*):(\s+)(?=\[\s*\d+\.\d+\])/
const GREPPED = new RegExp(
  String.raw`^[\w./-]+:(?:\d+:)?(?=\[\s*\d+\.\d|${MONTH}\s+\d|\d{4}-\d\d-\d\dT|<\d)`,
)
/** What is left of a stamp that a mailer broke. */
const REST_OF_STAMP = /^[\d.]{0,16}\]\s+/

export function kernelLine(raw: string): KernelLine {
  const it: Building = { text: raw, host: '', boot: '', at: NaN, wall: NaN, part: undefined }
  if (raw.includes('"MESSAGE"')) fromJournal(it)
  // A logger puts its own head before that of another, and a mailer quotes both.
  for (let before = ''; before !== it.text;) {
    before = it.text
    if (MAY_BE_QUOTED.test(it.text)) it.text = it.text.replace(QUOTED, '')
    if (MAY_BE_HEAD.test(it.text)) heads(it)
  }
  if (it.text === raw.trimStart() && !eat(it, REST_OF_STAMP)) eat(it, REST_OF_EXTENDED)
  return it
}

function heads(it: Building): void {
  let isDated = eat(it, EXTENDED, (m) => {
    it.at = Number(m[2]) / 1e6
    const offset = FRAGMENT.exec(m[0])?.[1]
    if (offset !== undefined) it.part = { message: m[1]!, offset: Number(offset) }
  })
  eat(it, GREPPED)
  eat(it, LEVEL)
  isDated = eat(it, PRIORITY) || isDated
  isDated = eat(it, COLLECTED, (m) => (it.host = m[1]!)) || isDated
  isDated =
    eat(it, ISO, ([, month, ...rest]) => (it.wall = wallTime(Number(month) - 1, rest))) ||
    eat(it, SYSLOG, ([, month, ...rest]) => {
      it.wall = wallTime(MONTHS.indexOf(month!) / 3, rest)
    }) ||
    eat(it, OTHER_DATE) ||
    isDated
  isDated = eat(it, STAMP, (m) => (it.at = Number(m[1]))) || isDated
  if (!isDated) return
  eat(it, BUSYBOX_HOST, (m) => (it.host = m[1]!))
  eat(it, FACILITY)
  eat(it, TAG, (m) => {
    if (m[1] !== undefined && !/^(?:kern|user)\./.test(m[1])) it.host = m[1]
  })
}

function eat(
  it: Building,
  pattern: RegExp,
  take: (m: RegExpExecArray) => void = () => {},
): boolean {
  const m = pattern.exec(it.text)
  if (m === null || m[0].length === 0) return false
  it.text = it.text.slice(m[0].length)
  take(m)
  return true
}

/** Months and days without a year: differences of two are what counts (`passed`). */
function wallTime(month: number, [day, hours, minutes, seconds]: readonly string[]): number {
  return Date.UTC(2000, month, Number(day), Number(hours), Number(minutes), Number(seconds)) / 1000
}
const YEAR = 366 * 86_400
/** Seconds from one wall-clock time to another, across the end of a year too. */
export function wallPassed(from: number, to: number): number {
  const passed = (((to - from) % YEAR) + YEAR) % YEAR
  return passed > YEAR / 2 ? passed - YEAR : passed
}

/** `journalctl -o json`: an object a line. What is none is left as it is. */
function fromJournal(it: Building): void {
  const from = it.text.indexOf('{')
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(it.text.slice(Math.max(from, 0)).replace(/,\s*$/, '')) as typeof entry
  } catch {
    return
  }
  const { MESSAGE: message } = entry
  if (typeof message === 'string') it.text = message
  else if (Array.isArray(message)) it.text = Buffer.from(message as number[]).toString('latin1')
  else return
  it.host = textOf(entry['_HOSTNAME'])
  it.boot = textOf(entry['_BOOT_ID'])
  const monotonic = Number(entry['_SOURCE_MONOTONIC_TIMESTAMP'] ?? NaN)
  it.at = monotonic / 1e6
  const real = Number(entry['__REALTIME_TIMESTAMP'] ?? NaN) / 1000
  if (!Number.isNaN(real)) {
    const date = new Date(real)
    it.wall = date.setUTCFullYear(2000) / 1000
  }
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Wrapped anywhere, also inside a word, a message is the same without its blanks. */
export const compact = (text: string): string => text.replace(/\s+/g, '')
