/** Text of a log's report: wrapped, indented, counted. */
import { wrap } from './columns.ts'

/** Columns of a report on a log. */
export const WIDTH = 96

export const para = (text: string, indent: number): string[] =>
  wrap(text, WIDTH - indent).map((line, i) => ' '.repeat(indent + (i > 0 ? 2 : 0)) + line)

export const plural = (n: number, what: string, many = `${what}s`): string =>
  `${n} ${n === 1 ? what : many}`
