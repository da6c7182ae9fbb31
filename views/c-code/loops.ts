/** `for (;;) { yield* again('while (...)'); ... }`: the label is the first line of the loop. */
import type { Statement } from 'acorn'
import { meant, wordOf } from './calls.ts'
import type { Frame } from './frame.ts'
import { textOf } from './words.ts'
import { callIn, type AnyNode } from './syntax.ts'
import type { Stmt } from './tree.ts'

/** Undefined when the loop does not begin with again(). */
export function loopAgain(
  body: AnyNode,
  frame: Frame,
  inner: (node: AnyNode, frame: Frame) => readonly Stmt[],
): Stmt | undefined {
  if (body.type !== 'BlockStatement') return undefined
  const [first, ...rest] = body.body
  const call = first?.type === 'ExpressionStatement' ? callIn(first.expression) : undefined
  const it = call === undefined ? undefined : meant(call)
  if (it?.callee?.name !== 'again' || wordOf(it) === undefined) return undefined
  const head = textOf(it.args, frame)
  const saysTest = head !== 'for (;;)'
  const shown = saysTest ? rest.slice(lengthOfTest(rest, frame.tail)) : rest
  return {
    is: 'loop',
    head,
    start: [],
    test: undefined,
    next: [],
    body: inner({ ...body, body: [...shown] }, frame),
  }
}
/** How many statements do what the label of the loop says: fetch the next, and leave when there is none. */
function lengthOfTest(body: readonly Statement[], tail: boolean): number {
  const at = body[0]?.type === 'VariableDeclaration' ? 1 : 0
  const exit = body[at]
  if (exit?.type !== 'IfStatement' || exit.alternate != null) return 0
  const { consequent } = exit
  const only =
    consequent.type === 'BlockStatement' && consequent.body.length === 1
      ? consequent.body[0]!
      : consequent
  const ends =
    only.type === 'BreakStatement' ||
    // Behind the loop nothing follows.
    (only.type === 'ReturnStatement' && only.argument == null && tail)
  return ends ? at + 1 : 0
}
