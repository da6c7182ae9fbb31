/** Lines of a report that were wrapped, put together again. */
import { compact } from '../../text/kernel-line.ts'
import { frameIn, whereIn } from './frames.ts'

/** The head as a reader saw it, with the next lines if it was wrapped. */
export function headText(texts: readonly string[], head: string): string {
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
export function unwrapped(lines: readonly string[]): string[] {
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
