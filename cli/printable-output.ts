/** Everything that is written to the terminal passes here: what was read must not steer it. */
import { printableLines } from '../files/printable.ts'
import { isColoured } from './terminal.ts'

type Write = (text: string) => boolean
const own = new WeakMap<object, Write>()

/** From now on control characters in what is written to this stream are shown, and do nothing. */
export function showControls(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  own.set(stream, write)
  stream.write = ((text: unknown, ...rest: unknown[]) =>
    write(typeof text === 'string' ? shown(text, stream) : text, ...rest)) as typeof stream.write
}
/** Colours are let through where there are any: our own, and at worst those of a text that was read. */
const shown = (text: string, stream: NodeJS.WriteStream): string =>
  isColoured(stream)
    ? text
        .split(COLOUR)
        .map((part, i) => (i % 2 === 1 ? part : printableLines(part)))
        .join('')
    : printableLines(text)
// eslint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[[\d;]*m)/

/** Writes what may steer the terminal, because nothing in it was read from anywhere. */
export const steer = (stream: Pick<NodeJS.WriteStream, 'write'>, text: string): boolean =>
  (own.get(stream) ?? ((it: string) => stream.write(it)))(text)
