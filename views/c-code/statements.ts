/** Statements of JavaScript as statements of C: a table by the kind of node. */
import type { Statement } from 'acorn'
import { argumentsOf, meant, plainCall, provenance, targetOf, wordOf, type Meant } from './calls.ts'
import { asTest, expanded, isStraight, straight } from './expand.ts'
import { lower, lowerSometimes, lengthOf } from './expressions.ts'
import type { Frame, Source } from './frame.ts'
import { assignmentIn, isConstant, label } from './labels.ts'
import { loopAgain } from './loops.ts'
import { callIn, snake, type AnyNode } from './syntax.ts'
import { known, name, not, run, truthOf, type Expr, type Stmt } from './tree.ts'
import { textOf, usesOf } from './words.ts'

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
    ...commentsAbove(node, nodes[i - 1], frame),
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
function commentsAbove(node: AnyNode, above: AnyNode | undefined, frame: Frame): readonly Stmt[] {
  const { comments, text } = frame.source
  const from =
    above?.end ??
    node.start -
      /\s*(?:(?:\/\/[^\n]*|\/\*[^]*?\*\/)\s*)*$/.exec(text.slice(0, node.start))![0].length
  const own = comments.filter(({ start, end }) => start >= from && end <= node.start)
  if (own.length === 0) return []
  return [{ is: 'comment', text: own.map((it) => it.text.trim()).join(' ') }]
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
    const variable = lower(id, frame)
    const of = lower(node.right, frame)
    return [
      {
        is: 'each',
        name: variable.is === 'name' ? variable.name : 'it',
        of,
        body: inLoop(node.body, frame),
      },
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
const loop = (
  start: readonly Stmt[],
  test: Expr | undefined,
  next: readonly Stmt[],
  body: readonly Stmt[],
): Stmt => ({ is: 'loop', start, test, next, body })
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
function called(it: Meant, target: Source, frame: Frame): readonly Stmt[] | undefined {
  const args = argumentsOf(it.args, frame)
  const body = straight(frame, target, args)
  if (body !== undefined) {
    const value = body.value === undefined ? [] : [run(body.value)]
    return provenance(it, target, frame, [...body.before, ...value])
  }
  if (frame.tail) {
    const all = expanded(frame, target, args, () => frame.leave(undefined), true)
    return all === undefined ? undefined : provenance(it, target, frame, all)
  }
  return it.callee?.how === 'super' ? jumpsOut(it, target, args, frame, () => []) : undefined
}
/** Early returns of the overridden function become jumps behind it. */
function jumpsOut(
  it: Meant,
  target: Source,
  args: readonly Expr[],
  frame: Frame,
  keep: (value: Expr | undefined) => readonly Stmt[],
): readonly Stmt[] | undefined {
  let out = 'out'
  for (let n = 2; frame.taken.has(out); n += 1) out = `out${n}`
  frame.taken.add(out)
  const leave = (value: Expr | undefined): readonly Stmt[] => [
    ...keep(value),
    { is: 'jump', to: `goto ${out}` },
  ]
  const all = expanded(frame, target, args, leave, false)
  return all === undefined
    ? undefined
    : provenance(it, target, frame, [...all, { is: 'target', name: out }])
}
/** `loop(f)`: the body of f, which goes round while it returns true. */
function looped(it: Meant, frame: Frame): readonly Stmt[] {
  const args = argumentsOf(it.args, frame)
  const { callee } = it
  const target =
    callee === undefined ? undefined : frame.setting.callee(callee.how, callee.name, frame.source)
  const again: Stmt = { is: 'jump', to: 'continue' }
  const end: Stmt = { is: 'jump', to: 'break' }
  const leave = (value: Expr | undefined): readonly Stmt[] => {
    const goesOn = value === undefined ? false : truthOf(value)
    if (goesOn !== undefined) return [goesOn ? again : end]
    return [{ is: 'if', test: not(value!), body: [end], otherwise: [] }, again]
  }
  const body = target === undefined ? undefined : expanded(frame, target, args, leave, false)
  return [
    body === undefined
      ? loop([], plainCall(it, args, frame), [], [])
      : loop([], undefined, [], body),
  ]
}

// ---- variables, returns, branches ---------------------------------------------------------------

function declared(id: AnyNode, init: AnyNode | null | undefined, frame: Frame): readonly Stmt[] {
  if (init == null) return []
  if (id.type === 'ObjectPattern') return unpacked(id, init, frame)
  const to = lower(id, frame)
  if (to.is !== 'name') return [run({ is: 'set', op: '=', to, value: lower(init, frame) })]
  if (init.type === 'ArrayExpression' && init.elements.length === 0) {
    const length = lengthOf(to, frame)
    return length.is === 'name' ? [{ is: 'local', name: length.name, value: known(0) }] : []
  }
  return (
    stored(to.name, init, frame) ??
    fromSuper(to.name, init, frame) ?? [{ is: 'local', name: to.name, value: lower(init, frame) }]
  )
}
function unpacked(
  id: Extract<AnyNode, { type: 'ObjectPattern' }>,
  init: AnyNode,
  frame: Frame,
): readonly Stmt[] {
  const of = lower(init, frame)
  return id.properties.flatMap((it): Stmt[] => {
    if (it.type !== 'Property' || it.key.type !== 'Identifier') return []
    const to = lower(it.value, frame)
    const value: Expr = { is: 'member', of, op: '->', name: snake(it.key.name) }
    return to.is === 'name' ? [{ is: 'local', name: to.name, value }] : []
  })
}
/** A step that says itself what is assigned. */
function stored(variable: string, init: AnyNode, frame: Frame): readonly Stmt[] | undefined {
  const call = callIn(init)
  const it = call === undefined ? undefined : meant(call)
  if (it === undefined || !/^(step|local)$/.test(it.callee?.name ?? '') || wordOf(it) === undefined)
    return undefined
  const uses = usesOf(it.args, frame)
  const assigned = assignmentIn(textOf(it.args, frame))
  if (assigned?.op !== '=') return undefined
  const { to, value } = assigned
  if (to === variable)
    return [{ is: 'local', name: variable, value: label(value, uses), said: true }]
  if (isConstant(value))
    return [
      { is: 'local', name: variable, value: label(to, uses), said: true },
      run(label(`${to} = ${value}`, uses)),
    ]
  return [
    {
      is: 'local',
      name: variable,
      value: { is: 'set', op: '=', to: label(to), value: label(value, uses) },
      said: true,
    },
  ]
}
function fromSuper(variable: string, init: AnyNode, frame: Frame): readonly Stmt[] | undefined {
  const call = callIn(init)
  const it = call === undefined ? undefined : meant(call)
  const target = it?.callee?.how === 'super' ? targetOf(it, frame) : undefined
  if (it === undefined || target === undefined) return undefined
  const args = argumentsOf(it.args, frame)
  if (isStraight(frame, target, args)) return undefined
  return jumpsOut(it, target, args, frame, (value) => [
    { is: 'local', name: variable, value: value ?? known(null) },
  ])
}

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
  return testedBy(node, frame) ?? plainBranch(node, frame)
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
/** `if (!helper()) return`, with the text of the helper in its place. */
function testedBy(
  { test, consequent, alternate }: Extract<AnyNode, { type: 'IfStatement' }>,
  frame: Frame,
): readonly Stmt[] | undefined {
  const negated = test.type === 'UnaryExpression' && test.operator === '!'
  const call = callIn(negated ? test.argument : test)
  const it = call === undefined ? undefined : meant(call)
  const target = it === undefined || wordOf(it) !== undefined ? undefined : targetOf(it, frame)
  if (it === undefined || target === undefined || alternate != null) return undefined
  const body = inner(consequent, frame)
  const args = argumentsOf(it.args, frame)
  const [only] = body
  if (body.length !== 1 || (only!.is !== 'return' && only!.is !== 'jump')) return undefined
  if (isStraight(frame, target, args)) return undefined
  return asTest(frame, target, args, negated, body, (value) => ({
    is: 'if',
    test: negated ? not(value) : value,
    body,
    otherwise: [],
  }))
}
