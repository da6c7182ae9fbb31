/** How wide the reader's lines are, and whether colour reaches him. */
import type { WriteStream } from 'node:tty'

type Stream = Partial<Pick<WriteStream, 'isTTY' | 'columns'>>
const LEAST = 40

/** Columns of a line: COLUMNS if it is set, else those of the terminal, 80 where there is none. */
export function columns(stream: Stream = process.stdout): number {
  const told = Number(process.env['COLUMNS'])
  if (Number.isInteger(told) && told >= LEAST) return told
  // A terminal may not know: 0.
  return stream.isTTY === true ? Math.max(LEAST, stream.columns || 80) : 80
}
/** A terminal that understands escape codes. */
export const isScreen = (stream: Stream): boolean =>
  stream.isTTY === true && process.env['TERM'] !== 'dumb'

/** https://no-color.org, https://force-color.org; TERM=dumb means none whatever else is said. */
export function isColoured(stream: Stream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (TERM === 'dumb' || (NO_COLOR ?? '') !== '') return false
  if ((FORCE_COLOR ?? '') !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return isScreen(stream)
}

const codes = { good: 32, bad: 31, alarm: '1;31', doubt: 33, heading: 1 } as const

export function paint(tone: keyof typeof codes, text: string): string {
  return isColoured(process.stdout) ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text
}
