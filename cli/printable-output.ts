/** Everything that is written to the terminal passes here: what was read must not steer it. */
import { printableLines } from '../files/printable.ts'

type Write = (text: string) => boolean
const own = new WeakMap<NodeJS.WriteStream, Write>()

/** From now on control characters in what is written to this stream are shown, and do nothing. */
export function showControls(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  own.set(stream, write)
  stream.write = ((text: unknown, ...rest: unknown[]) =>
    write(typeof text === 'string' ? printableLines(text) : text, ...rest)) as typeof stream.write
}
/** Writes what may steer the terminal, because nothing in it was read from anywhere. */
export const steer = (stream: NodeJS.WriteStream, text: string): boolean =>
  (own.get(stream) ?? ((it: string) => stream.write(it)))(text)
