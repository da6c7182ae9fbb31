/** `for (;;) { yield* again('while (...)'); ... }`: the label is the first line of the loop. */
import type { Statement } from 'acorn'
import { meant, wordOf } from './calls.ts'
import type { Frame } from './frame.ts'
import { textOf } from './words.ts'
import { callIn, type AnyNode } from './syntax.ts'
import { isIdle, loop, run, type Stmt } from './tree.ts'

/** Undefined when the loop does not begin with again(). */
export function loopAgain(body: AnyNode, frame: Frame, inner: Inner): Stmt | undefined {
  if (body.type !== 'BlockStatement') return undefined
  const [first, ...rest] = body.body
  const call = first?.type === 'ExpressionStatement' ? callIn(first.expression) : undefined
  const it = call === undefined ? undefined : meant(call)
  if (it?.callee?.name !== 'again' || wordOf(it) === undefined) return undefined
  return shaped(textOf(it.args, frame), rest, body, frame, inner)
}
type Inner = (node: AnyNode, frame: Frame) => readonly Stmt[]
function shaped(
  head: string,
  rest: readonly Statement[],
  node: Extract<AnyNode, { type: 'BlockStatement' }>,
  frame: Frame,
  inner: Inner,
): Stmt {
  const made = (shown: readonly Statement[]): readonly Stmt[] =>
    inner({ ...node, body: [...shown] }, frame)
  // What ends it stands in its body.
  if (/^(do|for \(;;\))$/.test(head)) return loop([], undefined, [], made(rest))
  if (head.startsWith('do while ')) {
    const body = made(rest)
    return loop([], undefined, [], withoutLastTest(body), head)
  }
  return loop([], undefined, [], made(withoutFirstTest(rest, head, frame.tail)), head)
}
/** `if (!f()) break` at the end, where the label says when it ends: f() is done all the same. */
function withoutLastTest(body: readonly Stmt[]): readonly Stmt[] {
  const last = body.at(-1)
  const only = last?.is === 'if' && last.otherwise.length === 0 ? last.body : []
  if (last?.is !== 'if' || only.length !== 1 || !isBreak(only[0]!)) return body
  const { test } = last
  const done = test.is === 'not' ? test.of : test
  return [...body.slice(0, -1), ...(isIdle(done) ? [] : [run(done)])]
}
const isBreak = (stmt: Stmt): boolean => stmt.is === 'jump' && stmt.to === 'break'

/** Without what the label of the loop says: leave when there is no other, and what fetches it. */
function withoutFirstTest(
  body: readonly Statement[],
  head: string,
  tail: boolean,
): readonly Statement[] {
  const [first, second, ...others] = body
  if (first === undefined) return body
  if (isExit(first, tail)) return callIn(positive(first.test)) === undefined ? body : body.slice(1)
  const [one] = first.type === 'VariableDeclaration' ? first.declarations : []
  if (one?.id.type !== 'Identifier' || second === undefined || !isExit(second, tail)) return body
  // Whatever else the test does is done in the loop.
  if (second.test.type === 'LogicalExpression') return body
  return head.includes(`(${one.id.name} = `) ? others : [first, ...others]
}
const positive = (test: AnyNode): AnyNode =>
  test.type === 'UnaryExpression' && test.operator === '!' ? test.argument : test
function isExit(
  node: Statement,
  tail: boolean,
): node is Extract<Statement, { type: 'IfStatement' }> {
  if (node.type !== 'IfStatement' || node.alternate != null) return false
  const { consequent } = node
  const only =
    consequent.type === 'BlockStatement' && consequent.body.length === 1
      ? consequent.body[0]!
      : consequent
  if (only.type === 'BreakStatement') return true
  // Behind the loop nothing follows.
  return only.type === 'ReturnStatement' && only.argument == null && tail
}
