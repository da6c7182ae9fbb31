/** Statements of JavaScript as statements of C: a table by the kind of node. */
import type { Statement } from 'acorn'
import { argumentsOf, meant, provenance, targetOf, wordOf } from './calls.ts'
import { expanded } from './expand.ts'
import { lengthOf, lower, lowerSometimes } from './expressions.ts'
import type { Frame } from './frame.ts'
import { called, looped, testedBy } from './in-place.ts'
import { label } from './labels.ts'
import { loopAgain } from './loops.ts'
import { callIn, type AnyNode } from './syntax.ts'
import { binary, known, loop, name, not, run, truthOf, type Stmt } from './tree.ts'
import { declared } from './variables.ts'

type Rules = {
  readonly [T in AnyNode['type']]?: (
    node: Extract<AnyNode, { type: T }>,
    frame: Frame,
  ) => readonly Stmt[]
}

/** Each statement with the comment above it; what has to run before one stands before it. */
export function block(nodes: readonly Statement[], frame: Frame): readonly Stmt[] {
  const { tail } = frame
  const out = nodes.flatMap((node, i) => [
    ...commentsAbove(node, frame),
    ...statement(node, frame, tail && i === nodes.length - 1),
  ])
  frame.tail = tail
  return out
}
function statement(node: AnyNode, frame: Frame, tail: boolean): readonly Stmt[] {
  const { before } = frame
  frame.before = []
  frame.tail = tail
  const rule = RULES[node.type] as ((node: AnyNode, frame: Frame) => readonly Stmt[]) | undefined
  const made =
    rule === undefined
      ? [run(label(frame.source.text.slice(node.start, node.end).replaceAll(/\s+/g, ' ')))]
      : rule(node, frame)
  const all = [...frame.before, ...made]
  frame.before = before
  return all
}
/** Nothing but space stands between them and the statement. */
function commentsAbove(node: AnyNode, { source: { comments, text } }: Frame): readonly Stmt[] {
  const own: string[] = []
  let at = node.start
  for (const it of comments.toReversed()) {
    if (it.end > at) continue
    if (text.slice(it.end, at).trim() !== '') break
    own.unshift(it.text.trim())
    at = it.start
  }
  return own.length === 0 ? [] : [{ is: 'comment', text: own.join(' ') }]
}
const inner = (node: AnyNode | null | undefined, frame: Frame): readonly Stmt[] => {
  if (node == null) return []
  if (node.type === 'BlockStatement') return block(node.body, frame)
  return statement(node, frame, frame.tail)
}
const inLoop = (node: AnyNode, frame: Frame): readonly Stmt[] => {
  const { tail } = frame
  frame.tail = false
  const body = inner(node, frame)
  frame.tail = tail
  return body
}

const RULES: Rules = {
  EmptyStatement: () => [],
  FunctionDeclaration: () => [],
  BlockStatement: (node, frame) => block(node.body, frame),
  ExpressionStatement: ({ expression }, frame) => effect(expression, frame),
  VariableDeclaration: (node, frame) =>
    node.declarations.flatMap(({ id, init }) => {
      // What gives it its first value may call something the same.
      if (id.type === 'Identifier') frame.taken.delete(id.name)
      const made = declared(id, init, frame)
      if (id.type === 'Identifier') frame.taken.add(id.name)
      return made
    }),
  ReturnStatement: ({ argument }, frame) => returned(argument, frame),
  IfStatement: branch,
  ForStatement: (node, frame) => {
    const again = node.test == null ? loopAgain(node.body, frame, inLoop) : undefined
    if (again !== undefined) return [again]
    const start = node.init == null ? [] : statementsOf(node.init, frame)
    const test = node.test == null ? undefined : lowerSometimes(node.test, frame)
    const next = node.update == null ? [] : [run(lowerSometimes(node.update, frame))]
    return [loop(start, test, next, inLoop(node.body, frame))]
  },
  WhileStatement: (node, frame) => {
    const test = lowerSometimes(node.test, frame)
    if (truthOf(test) === false) return []
    const always = truthOf(test) === true
    const again = always ? loopAgain(node.body, frame, inLoop) : undefined
    return [again ?? loop([], always ? undefined : test, [], inLoop(node.body, frame))]
  },
  DoWhileStatement: (node, frame) => {
    const body = inLoop(node.body, frame)
    const last: Stmt = {
      is: 'if',
      test: not(lowerSometimes(node.test, frame)),
      body: [{ is: 'jump', to: 'break' }],
      otherwise: [],
    }
    return [loop([], undefined, [], [...body, last])]
  },
  ForOfStatement: (node, frame) => {
    const [one] = node.left.type === 'VariableDeclaration' ? node.left.declarations : []
    const id = one?.id ?? node.left
    if (id.type === 'ArrayPattern') return [numbered(id, node, frame)]
    const variable = lower(id, frame)
    const each = variable.is === 'name' ? variable.name : 'it'
    return [
      { is: 'each', name: each, of: lower(node.right, frame), body: inLoop(node.body, frame) },
    ]
  },
  SwitchStatement: (node, frame) => [
    {
      is: 'switch',
      of: lower(node.discriminant, frame),
      cases: node.cases.map(({ test, consequent }) => ({
        value: test == null ? undefined : lower(test, frame),
        body: block(consequent, { ...frame, tail: false }),
      })),
    },
  ],
  BreakStatement: () => [{ is: 'jump', to: 'break' }],
  ContinueStatement: () => [{ is: 'jump', to: 'continue' }],
  ThrowStatement: ({ argument }, frame) => [
    run({ is: 'call', callee: name('BUG'), args: [lower(argument, frame)] }),
  ],
}
/** `for (const [i, it] of list.entries())`. */
function numbered(
  { elements }: Extract<AnyNode, { type: 'ArrayPattern' }>,
  { right, body }: Extract<AnyNode, { type: 'ForOfStatement' }>,
  frame: Frame,
): Stmt {
  const [i, it] = elements.map((id) => (id === null ? name('it') : lower(id, frame)))
  const list =
    right.type === 'CallExpression' && right.callee.type === 'MemberExpression'
      ? lower(right.callee.object, frame)
      : lower(right, frame)
  const at = i ?? name('i')
  return loop(
    [run({ is: 'set', op: '=', to: at, value: known(0) })],
    binary('<', at, lengthOf(list, frame)),
    [run({ is: 'count', op: '++', of: at })],
    [
      {
        is: 'local',
        name: it?.is === 'name' ? it.name : 'it',
        value: { is: 'index', of: list, at },
      },
      ...inLoop(body, frame),
    ],
  )
}
const statementsOf = (node: AnyNode, frame: Frame): readonly Stmt[] =>
  node.type === 'VariableDeclaration'
    ? RULES.VariableDeclaration!(node, frame)
    : [run(lower(node, frame))]

// ---- calls as statements ----------------------------------------------------------------------

function effect(node: AnyNode, frame: Frame): readonly Stmt[] {
  if (node.type === 'AssignmentExpression' && node.operator === '=')
    return declared(node.left, node.right, frame)
  const call = callIn(node)
  const it = call === undefined ? undefined : meant(call)
  const word = it === undefined ? undefined : wordOf(it)
  if (it === undefined) return [run(lower(node, frame))]
  if (word !== undefined) return word.statement(it.args, frame)
  if (it.loops) return looped(it, frame)
  const target = targetOf(it, frame)
  if (target === undefined) return [run(lower(node, frame))]
  return called(it, target, frame) ?? [run(lower(node, frame))]
}
// ---- returns and branches ---------------------------------------------------------------

function returned(argument: AnyNode | null | undefined, frame: Frame): readonly Stmt[] {
  if (argument == null) return frame.leave(undefined)
  const call = callIn(argument)
  const it = call === undefined ? undefined : meant(call)
  const target = it === undefined ? undefined : targetOf(it, frame)
  if (it !== undefined && target !== undefined && wordOf(it) === undefined) {
    const all = expanded(frame, target, argumentsOf(it.args, frame), frame.leave, true)
    if (all !== undefined) return provenance(it, target, frame, all)
  }
  return frame.leave(lower(argument, frame))
}

function branch(node: Extract<AnyNode, { type: 'IfStatement' }>, frame: Frame): readonly Stmt[] {
  return testedBy(node, frame, inner) ?? plainBranch(node, frame)
}
function plainBranch(
  { test, consequent, alternate }: Extract<AnyNode, { type: 'IfStatement' }>,
  frame: Frame,
): readonly Stmt[] {
  const tested = lower(test, frame)
  const { before } = frame
  const decided = truthOf(tested)
  const body = decided === false ? [] : inner(consequent, frame)
  const otherwise = decided === true ? [] : inner(alternate, frame)
  frame.before = before
  if (decided !== undefined) return decided ? body : otherwise
  return [{ is: 'if', test: tested, body, otherwise }]
}
