/** The words steps are written in (engine/step.ts, model/world/fault.ts), each with what it is in C. */
import { lower, templateText } from './expressions.ts'
import type { Frame } from './frame.ts'
import { conditionIn, label, lastName, mentions, statementIn, valueIn } from './labels.ts'
import { expression, isOneThing } from './print.ts'
import {
  childrenOf,
  localsOf,
  namesIn,
  propertyOf,
  returnedBy,
  returnsIn,
  snake,
  type AnyNode,
} from './syntax.ts'
import { FAILS, isIdle, known, not, noted, partsOf, run, type Expr, type Stmt } from './tree.ts'

type Args = readonly AnyNode[]
export interface Word {
  readonly value: (args: Args, frame: Frame) => Expr
  readonly statement: (args: Args, frame: Frame) => readonly Stmt[]
}

export const words: ReadonlyMap<string, Word> = new Map<string, Word>([
  ['step', { value: stepValue, statement: stepStatement }],
  ['local', { value: stepValue, statement: stepStatement }],
  ['when', { value: stepValue, statement: waits }],
  ['choose', { value: chosen, statement: (args, frame) => [run(chosen(args, frame))] }],
  [
    'fails',
    {
      value: (args, frame) => label(textOf(args, frame) + FAILS, usesOf(args, frame)),
      statement: (args, frame) => [
        run(noted(label(textOf(args, frame), usesOf(args, frame)), 'may fail')),
      ],
    },
  ],
  ['only', { value: onlyValue, statement: onlyStatement }],
  ['detail', { value: detailValue, statement: detailStatement }],
  [
    'again',
    {
      value: () => known(null),
      statement: (args, frame) => [{ is: 'comment', text: textOf(args, frame) }],
    },
  ],
])

/** `only(of, () => f())`: what is done where the scope follows a detail. */
function onlyValue([of, body]: Args, frame: Frame): Expr {
  return isFollowed(of, frame) && body?.type === 'ArrowFunctionExpression'
    ? lower(body.body, frame)
    : known(null)
}
function onlyStatement([of, body]: Args, frame: Frame): readonly Stmt[] {
  if (!isFollowed(of, frame) || body?.type !== 'ArrowFunctionExpression') return []
  const { body: inner } = body
  if (inner.type === 'BlockStatement') return frame.to.block(inner.body, frame)
  const { start, end } = inner
  return frame.to.block([{ type: 'ExpressionStatement', expression: inner, start, end }], frame)
}
function isFollowed(of: AnyNode | undefined, { setting }: Frame): boolean {
  const name = of?.type === 'Literal' && typeof of.value === 'string' ? of.value : 'details'
  const followed = setting.details(name)
  setting.decided(name, followed)
  return followed
}
/** `detail(label, otherwise, effect, of)`: a step where the scope follows that detail. */
function detailValue(args: Args, frame: Frame): Expr {
  const [text, otherwise, effect, of] = args
  if (isFollowed(of, frame)) return stepValue([text!, ...(effect ? [effect] : [])], frame)
  return otherwise === undefined ? known(null) : lower(otherwise, frame)
}
function detailStatement(args: Args, frame: Frame): readonly Stmt[] {
  const [text, , effect, of] = args
  return isFollowed(of, frame) ? stepStatement([text!, ...(effect ? [effect] : [])], frame) : []
}

/** The label. */
export function textOf([first]: Args, frame: Frame): string {
  if (first === undefined) return ''
  if (first.type === 'TemplateLiteral') return templateText(first, frame)
  return expression(lower(first, frame))
}
/** Variables of the function, as C has them, that the closures of a step read. */
export const usesOf = ([, ...closures]: Args, frame: Frame): readonly string[] => [
  ...new Set(
    closures
      .flatMap(readBy)
      .flatMap((it) => namesOf(frame.names.get(it) ?? { is: 'name', name: snake(it) })),
  ),
]
/** Its own variables and parameters are its own affair. */
function readBy(closure: AnyNode): readonly string[] {
  const params = closure.type === 'ArrowFunctionExpression' ? closure.params : []
  const own = new Set([...params.flatMap(namesIn), ...localsOf(closure)])
  return namesIn(closure).filter((it) => !own.has(it))
}
const namesOf = (expr: Expr): readonly string[] =>
  expr.is === 'name' ? [expr.name] : partsOf(expr).flatMap(namesOf)

function stepStatement(args: Args, frame: Frame): readonly Stmt[] {
  const text = textOf(args, frame)
  const stmt = statementIn(text, usesOf(args, frame))
  if (stmt.is !== 'do') return [stmt]
  const done = run(noted(stmt.expr, untold(text, args, frame)))
  const test = askedFirst(args[1], frame)
  return [test === undefined ? done : { is: 'if', test, body: [done], otherwise: [] }]
}
/** All that the step does is under a condition on the state, which its label leaves out. */
function askedFirst(effect: AnyNode | undefined, frame: Frame): Expr | undefined {
  if (effect?.type !== 'ArrowFunctionExpression' || effect.body.type !== 'BlockStatement')
    return undefined
  const [only, ...others] = effect.body.body
  const [world] = effect.params
  if (only?.type !== 'IfStatement' || only.alternate != null || others.length > 0) return undefined
  if (world?.type !== 'Identifier' || isReport(only.consequent)) return undefined
  const test = lower(only.test, { ...frame, world: world.name, before: undefined })
  return isIdle(test) && test.is !== 'known' ? test : undefined
}
/** It says that something is wrong, and does nothing. */
const isReport = (node: AnyNode): boolean =>
  childrenOf(node).some((it) => propertyOf(it) === 'report' || isReport(it))
function stepValue(args: Args, frame: Frame): Expr {
  const text = textOf(args, frame)
  const value = valueIn(text, usesOf(args, frame))
  if (value.is === 'set') return afterStore(value, text, args, frame)
  const told = isOpposite(text, args[1]) ? not(value) : value
  return noted(noted(told, untold(text, args, frame)), otherResults(args[1]))
}
/** Words that a step may give back instead of what its label says. */
function otherResults(effect: AnyNode | undefined): string | undefined {
  if (effect?.type !== 'ArrowFunctionExpression') return undefined
  const results = effect.body.type === 'BlockStatement' ? returnsIn(effect.body) : [effect.body]
  const found = results.flatMap(wordsIn)
  return found.length === 0 ? undefined : `or ${[...new Set(found)].join(', ')}`
}
const wordsIn = (node: AnyNode): readonly string[] => {
  if (node.type === 'ConditionalExpression')
    return [...wordsIn(node.consequent), ...wordsIn(node.alternate)]
  return node.type === 'Literal' && typeof node.value === 'string' ? [node.value] : []
}
/** Variables that the step reads and its label does not mention. */
function untold(text: string, args: Args, frame: Frame): string | undefined {
  const uses = usesOf(args, frame)
  const locals = new Set(localsOf(frame.source.node.body))
  const silent = [...locals]
    .flatMap((it) => namesOf(frame.names.get(it) ?? { is: 'name', name: snake(it) }))
    .filter((it) => uses.includes(it) && !mentions(text, it))
  return silent.length === 0 ? undefined : `reads ${silent.join(', ')}`
}
/** The step stores one thing and tells another: first the store, then what is told. */
function afterStore(stored: Expr, text: string, args: Args, frame: Frame): Expr {
  // A variable of the function is what it was given.
  if (stored.is === 'set' && /^\w+$/.test(expression(stored.to))) return stored.value
  const told = returnedBy(args[1])
  if (told === undefined || frame.before === undefined) return stored
  const names = new Map(frame.names)
  const inside: Frame = {
    ...frame,
    names,
    before: undefined,
    ...(told.world === undefined ? {} : { world: told.world }),
  }
  for (const [name, init] of told.where) names.set(name, lower(init, inside))
  frame.before.push(statementIn(text, usesOf(args, frame)))
  return lower(told.value, inside)
}
/** The label says `!a->b` and the step tells `b`, or the other way round. */
function isOpposite(text: string, effect: AnyNode | undefined): boolean {
  let told: AnyNode | undefined = returnedBy(effect)?.value
  let negations = 0
  while (told?.type === 'UnaryExpression' && told.operator === '!') {
    told = told.argument
    negations += 1
  }
  const field = told === undefined ? undefined : propertyOf(told)
  const condition = conditionIn(text) ?? text
  const core = condition.replace(/^!+/, '')
  if (field === undefined || !isOneThing(core) || lastName(core) !== field) return false
  return (condition.length - core.length + negations) % 2 === 1
}

/** A call that waits, or a condition that is waited for. */
function waits(args: Args, frame: Frame): readonly Stmt[] {
  const text = textOf(args, frame)
  const uses = usesOf(args, frame)
  const isCall = /^\w+\(/.test(text) && text.endsWith(')') && isOneThing(text)
  return [run(isCall ? noted(label(text, uses), 'waits') : label(`wait until (${text})`, uses))]
}
function chosen([text, options, ...rest]: Args, frame: Frame): Expr {
  const value = valueIn(textOf([text!], frame), usesOf([text!, ...rest], frame))
  const any =
    options?.type === 'ArrayExpression'
      ? `any of ${options.elements.map((it) => expression(lower(it!, frame))).join(', ')}`
      : 'the environment picks'
  return noted(value, any)
}
