/** One function of steps, as a function of C. */
import { valueOfCall } from './calls.ts'
import { lower } from './expressions.ts'
import { frameOf, type Lowering, type Setting, type Source } from './frame.ts'
import { lines } from './print.ts'
import { block } from './statements.ts'
import { localsOf } from './syntax.ts'
import { tidy } from './tidy.ts'
import type { Stmt } from './tree.ts'

const lowering: Lowering = { value: lower, call: valueOfCall, block }

/** What it does, its signature aside. */
export function bodyOf(source: Source, setting: Setting): readonly Stmt[] {
  const frame = frameOf(source, setting, lowering)
  const { params, body } = source.node
  for (const param of params) if (param.type === 'Identifier') frame.taken.add(param.name)
  for (const local of localsOf(body)) frame.taken.add(local)
  if (body.type !== 'BlockStatement') return tidy(frame.leave(lower(body, frame)))
  frame.tail = true
  const all = tidy(block(body.body, frame))
  const last = all.at(-1)
  return last?.is === 'return' && last.value === undefined ? all.slice(0, -1) : all
}
export const bodyLines = (source: Source, setting: Setting): readonly string[] =>
  lines(bodyOf(source, setting))
