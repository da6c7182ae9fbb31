/** Calls: words of steps, functions of the model, and the few methods of lists that C writes otherwise. */
import { lower, lengthOf } from './expressions.ts'
import { straight, type Straight } from './expand.ts'
import type { Frame, Setting, Source } from './frame.ts'
import { label } from './labels.ts'
import { expression } from './print.ts'
import {
  calleeOf,
  propertyOf,
  snake,
  type AnyNode,
  type Callee,
  type CallExpression,
} from './syntax.ts'
import { binary, known, name, noted, truthOf, type Expr } from './tree.ts'
import { words, type Word } from './words.ts'

/** A call as it is meant: of whom, and with what. */
export interface Meant {
  readonly fn: AnyNode
  readonly callee: Callee | undefined
  readonly args: readonly AnyNode[]
  /** Again and again while it returns true. */
  readonly loops: boolean
}
/** `call(f, a)` and `loop(f, a)` are calls of f. */
export function meant(node: CallExpression): Meant {
  const callee = calleeOf(node.callee)
  const [first, ...rest] = node.arguments
  if (callee?.how === 'free' && /^(call|loop)$/.test(callee.name) && first !== undefined)
    return { fn: first, callee: calleeOf(first), args: rest, loops: callee.name === 'loop' }
  return { fn: node.callee, callee, args: node.arguments, loops: false }
}
export const wordOf = ({ callee }: Meant): Word | undefined =>
  callee?.how === 'free' ? words.get(callee.name) : undefined

export function valueOfCall(node: CallExpression, frame: Frame): Expr {
  const it = meant(node)
  const word = wordOf(it)
  if (word !== undefined) return word.value(it.args, frame)
  const viewed = ofWorld(node, frame) ?? ofList(node, frame)
  if (viewed !== undefined) return viewed
  const target = targetOf(it, frame)
  const args = argumentsOf(it.args, frame)
  if (target !== undefined) {
    const { before } = frame
    const fits = ({ before: own }: Straight): boolean => own.length === 0 || before !== undefined
    const body = straight(frame, target, args, fits)
    if (body !== undefined) {
      frame.before?.push(...provenance(it, target, frame, body.before))
      return body.value ?? known(null)
    }
  }
  // What a step does is not told: its label is.
  const told = it.args.filter(({ type }) => type !== 'ArrowFunctionExpression')
  return plainCall(it, argumentsOf(told, frame), frame)
}
/** The function whose text is to stand in place of the call. */
export function targetOf({ callee }: Meant, frame: Frame): Source | undefined {
  if (callee === undefined) return undefined
  const found = frame.setting.callee(callee.how, callee.name, frame.source)
  if (found === undefined || callee.how === 'super') return found
  return frame.setting.expands(found) || isStep(found) || isDecided(found, frame)
    ? found
    : undefined
}
/** A function that only makes a step has no life of its own: the step stands where it is called. */
export const isStep = ({ node: { type, body } }: Source): boolean =>
  type === 'ArrowFunctionExpression' &&
  body.type === 'CallExpression' &&
  wordOf(meant(body)) !== undefined
/** It does nothing, as hooks do that a design leaves as they are, and what it returns is known. */
function isDecided(target: Source, frame: Frame): boolean {
  const known = decided.get(frame.setting) ?? new Map<Source, boolean>()
  decided.set(frame.setting, known)
  const before = known.get(target)
  if (before !== undefined) return before
  // While it is looked at: what calls itself is not.
  known.set(target, false)
  const its = target.node.params.map((_, i) => name(`argument_${i}`))
  const body = straight({ ...frame, taken: new Set(), inside: [] }, target, its)
  const is =
    body !== undefined &&
    body.before.length === 0 &&
    (body.value === undefined || body.value.is === 'known')
  known.set(target, is)
  return is
}
const decided = new WeakMap<Setting, Map<Source, boolean>>()
/** Statements of the function that was overridden, with a word about whose they are. */
export function provenance<S extends { readonly is: string }>(
  { callee }: Meant,
  target: Source,
  frame: Frame,
  body: readonly S[],
): readonly (S | { readonly is: 'comment'; readonly text: string })[] {
  const origin =
    callee?.how === 'super' && body.length > 0 ? frame.setting.origin(target) : undefined
  return origin === undefined ? body : [{ is: 'comment', text: `as in ${origin}:` }, ...body]
}
export function plainCall({ fn, callee }: Meant, args: readonly Expr[], frame: Frame): Expr {
  const of = calledAs(fn, callee, frame)
  const call: Expr = { is: 'call', callee: of, args }
  if (callee?.how !== 'super') return call
  const target = frame.setting.callee('super', callee.name, frame.source)
  const origin = target === undefined ? undefined : frame.setting.origin(target)
  return noted(call, origin === undefined ? undefined : `that of ${origin}`)
}
function calledAs(fn: AnyNode, callee: Callee | undefined, frame: Frame): Expr {
  if (callee !== undefined) {
    const target = frame.setting.callee(callee.how, callee.name, frame.source)
    if (target !== undefined) frame.setting.called(target)
    return frame.names.get(callee.name) ?? name(snake(callee.name))
  }
  if (fn.type !== 'ConditionalExpression') return lower(fn, frame)
  const test = lower(fn.test, frame)
  const decided = truthOf(test)
  const [yes, no] = [fn.consequent, fn.alternate].map((it) => calledAs(it, calleeOf(it), frame))
  if (decided !== undefined) return decided ? yes! : no!
  return { is: 'choice', test, yes: yes!, no: no! }
}

export function argumentsOf(nodes: readonly AnyNode[], frame: Frame): readonly Expr[] {
  const out: Expr[] = []
  let lockOf: string | undefined
  for (const node of nodes) {
    if (node.type === 'ThisExpression') continue
    const arg = lower(node, frame)
    // A lock is named by object and field, and the object follows.
    const owner = lockOf
    lockOf = undefined
    if (owner !== undefined && expression(arg) === owner) continue
    const lock = arg.is === 'known' && typeof arg.value === 'string' ? LOCK.exec(arg.value) : null
    if (lock !== null) {
      lockOf = lock[1]!
      out.push(label(`&${lock[1]}->${lock[2]}`))
    } else out.push(arg)
    if (node.type === 'SpreadElement') out.push(lengthOf(arg, frame))
  }
  return out
}
const LOCK = /^(\w+)\.(\w+)$/

/** `w.thing(ref)`, inside a step: what the reference refers to. */
function ofWorld({ callee, arguments: args }: CallExpression, frame: Frame): Expr | undefined {
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return undefined
  const [only, ...others] = args
  if (callee.object.name !== frame.world || only === undefined || others.length > 0)
    return undefined
  return lower(only, frame)
}
const LISTS: Readonly<
  Record<string, (list: Expr, args: readonly Expr[], frame: Frame) => Expr | undefined>
> = {
  push: (list, [item], frame) =>
    item === undefined
      ? undefined
      : {
          is: 'set',
          op: '=',
          to: {
            is: 'index',
            of: list,
            at: { is: 'count', op: '++', of: lengthOf(list, frame) },
          },
          value: item,
        },
  slice: (list, [from, to]) =>
    from === undefined || to !== undefined ? undefined : binary('+', list, from),
  at: (list, [at]) => (at === undefined ? undefined : { is: 'index', of: list, at }),
}
function ofList(node: CallExpression, frame: Frame): Expr | undefined {
  const method = propertyOf(node.callee)
  if (method === undefined || node.callee.type !== 'MemberExpression') return undefined
  if (!Object.hasOwn(LISTS, method) || calleeOf(node.callee) !== undefined) return undefined
  const list = lower(node.callee.object, frame)
  return LISTS[method]!(
    list,
    node.arguments.map((it) => lower(it, frame)),
    frame,
  )
}
