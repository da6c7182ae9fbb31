/** Expressions of JavaScript as expressions of C: a table by the kind of node. */
import type { Frame } from './frame.ts'
import { label } from './labels.ts'
import { expression } from './print.ts'
import { pathOf, propertyOf, snake, type AnyNode } from './syntax.ts'
import { binary, both, either, known, name, not, nothing, truthOf, type Expr } from './tree.ts'

type Rules = {
  readonly [T in AnyNode['type']]?: (node: Extract<AnyNode, { type: T }>, frame: Frame) => Expr
}

export function lower(node: AnyNode, frame: Frame): Expr {
  const rule = RULES[node.type] as ((node: AnyNode, frame: Frame) => Expr) | undefined
  return rule === undefined
    ? label(frame.source.text.slice(node.start, node.end).replaceAll(/\s+/g, ' '))
    : rule(node, frame)
}
/** Where it may not be reached nothing can be put before the statement. */
export function lowerSometimes(node: AnyNode, frame: Frame): Expr {
  const { before } = frame
  frame.before = undefined
  const expr = lower(node, frame)
  frame.before = before
  return expr
}

/** "No page", "no context": what a reference is that refers to nothing. */
const NONE = 'NONE'
const isNone = (node: AnyNode): boolean => node.type === 'Identifier' && node.name === NONE

const RULES: Rules = {
  Identifier: ({ name: text }, frame) => {
    const meant = frame.names.get(text)
    if (meant !== undefined) return meant
    if (text === NONE) return nothing('NULL')
    if (text === 'undefined') return known(null)
    if (text === 'Infinity') return known(Infinity)
    return name(/^E[A-Z]{2,}$/.test(text) ? `-${text}` : snake(text))
  },
  Literal: ({ value }) =>
    known(typeof value === 'object' || typeof value === 'bigint' ? null : (value ?? null)),
  ThisExpression: () => name('this'),
  ParenthesizedExpression: (node, frame) => lower(node.expression, frame),
  ChainExpression: (node, frame) => lower(node.expression, frame),
  AwaitExpression: (node, frame) => lower(node.argument, frame),
  YieldExpression: (node, frame) =>
    node.argument == null ? known(null) : lower(node.argument, frame),
  CallExpression: (node, frame) => frame.to.call(node, frame),
  NewExpression: (node, frame) => ({
    is: 'call',
    callee: lower(node.callee, frame),
    args: node.arguments.map((it) => lower(it, frame)),
  }),
  SpreadElement: (node, frame) => lower(node.argument, frame),
  SequenceExpression: (node, frame) => lower(node.expressions.at(-1)!, frame),
  ArrayExpression: (node, frame) =>
    label(`{ ${node.elements.map((it) => expression(lower(it!, frame))).join(', ')} }`),
  TemplateLiteral: (node, frame) => label(templateText(node, frame)),
  MemberExpression: member,
  UnaryExpression: (node, frame) => {
    const of = lower(node.argument, frame)
    if (node.operator === '!') return not(of)
    if (node.operator === '-' && of.is === 'known' && of.text === undefined)
      return known(-Number(of.value))
    return label(`${node.operator}${expression(of)}`, [])
  },
  UpdateExpression: (node, frame) => ({
    is: 'count',
    op: node.operator,
    of: lower(node.argument, frame),
  }),
  AssignmentExpression: (node, frame) => assigned(node, frame),
  BinaryExpression: compared,
  LogicalExpression: (node, frame) => {
    const left = lower(node.left, frame)
    const decided = truthOf(left)
    if (decided === (node.operator === '||')) return left
    const right =
      decided === undefined ? lowerSometimes(node.right, frame) : lower(node.right, frame)
    return node.operator === '&&' ? both(left, right) : either(left, right)
  },
  ConditionalExpression: (node, frame) => {
    const test = lower(node.test, frame)
    const decided = truthOf(test)
    if (decided !== undefined) return lower(decided ? node.consequent : node.alternate, frame)
    return {
      is: 'choice',
      test,
      yes: lowerSometimes(node.consequent, frame),
      no: lowerSometimes(node.alternate, frame),
    }
  },
}
export function templateText(
  node: Extract<AnyNode, { type: 'TemplateLiteral' }>,
  frame: Frame,
): string {
  const part = (at: number): string => {
    const inner = node.expressions[at]
    if (inner === undefined) return ''
    // A helper that spells what it is given.
    const [only] = inner.type === 'CallExpression' ? inner.arguments : [inner]
    const value = lower(only ?? inner, frame)
    return value.is === 'known' && typeof value.value === 'string' ? value.value : expression(value)
  }
  return node.quasis.map(({ value }, i) => (value.cooked ?? '') + part(i)).join('')
}

function assigned(node: Extract<AnyNode, { type: 'AssignmentExpression' }>, frame: Frame): Expr {
  const to = lower(node.left, frame)
  const value = lower(node.right, frame)
  const one = value.is === 'known' && value.value === 1
  if (one && node.operator === '+=') return { is: 'count', op: '++', of: to }
  if (one && node.operator === '-=') return { is: 'count', op: '--', of: to }
  return { is: 'set', op: node.operator, to, value }
}

function member(node: Extract<AnyNode, { type: 'MemberExpression' }>, frame: Frame): Expr {
  const path = pathOf(node)
  const last = propertyOf(node)
  if (path !== undefined) {
    const value = frame.setting.constant(path)
    if (value === undefined) return name(snake(path.at(-1)!))
    if (typeof value === 'boolean' && path.length > 1) frame.setting.decided(path.at(-1)!, value)
    return typeof value === 'number' ? known(value, boundNamed(path.at(-1)!, frame)) : known(value)
  }
  if (node.object.type === 'Identifier' && node.object.name === frame.world && last !== undefined)
    return name(snake(last))
  const of = lower(node.object, frame)
  if (last === undefined) return { is: 'index', of, at: lower(node.property, frame) }
  if (last === 'length') return lengthOf(of, frame)
  return { is: 'member', of, op: '->', name: fieldNamed(snake(last), frame) }
}
const boundNamed = (property: string, { setting }: Frame): string =>
  Object.hasOwn(setting.spelling.bounds, property)
    ? setting.spelling.bounds[property]!
    : snake(property).toUpperCase()
const fieldNamed = (field: string, { setting }: Frame): string =>
  Object.hasOwn(setting.spelling.fields, field) ? setting.spelling.fields[field]! : field
/** A list has its length beside it. */
export function lengthOf(of: Expr, frame: Frame): Expr {
  if (of.is === 'member') return { ...of, name: fieldNamed(`${of.name}_len`, frame) }
  return name(`${expression(of)}_len`)
}

const OPERATORS: Readonly<Record<string, string>> = { '===': '==', '!==': '!=' }
function compared(node: Extract<AnyNode, { type: 'BinaryExpression' }>, frame: Frame): Expr {
  const op = OPERATORS[node.operator] ?? node.operator
  // A parameter is asked whether it was given.
  if (isUndefined(node.right) && node.left.type === 'Identifier' && /^[=!]=$/.test(op)) {
    const given = frame.given.get(node.left.name)
    if (given !== undefined) return known(given === (op === '!='))
  }
  const left = lower(node.left, frame)
  const right = lower(node.right, frame)
  if (left.is === 'known' && right.is === 'known') {
    const folded = binary(op, left, right)
    const said = asTyped(node, frame)
    if (folded.is === 'known' && said !== undefined)
      frame.setting.decided(said, folded.value === true)
    return folded
  }
  if (op !== '==' && op !== '!=') return binary(op, left, right)
  const tested = testedFor(left, right, isNone(node.right), frame)
  if (tested === undefined) return binary(op, left, right)
  return op === '==' ? not(tested) : tested
}
const isUndefined = (node: AnyNode): boolean =>
  node.type === 'Identifier' && node.name === 'undefined'
/** A condition on the scope, in the names of its bounds. */
function asTyped({ start, end }: AnyNode, { source }: Frame): string | undefined {
  const text = source.text.slice(start, end)
  if (!/^[\w.]*\bscope\.\w+ [=!<>]+ [\w.]+$/.test(text)) return undefined
  return text.replaceAll(/\b(this|scope)\./g, '').replaceAll(/([=!])==/g, '$1=')
}
/** What is to be true when the two differ, where C has a shorter way to say so. */
function testedFor(left: Expr, right: Expr, none: boolean, frame: Frame): Expr | undefined {
  if (none) {
    const called = frame.setting.spelling.none(expression(left))
    return called === undefined ? left : binary('!=', left, nothing(called))
  }
  if (right.is !== 'known' || right.text !== undefined) return undefined
  if (right.value === true) return not(left)
  return right.value === false || right.value === 0 || right.value === null ? left : undefined
}
