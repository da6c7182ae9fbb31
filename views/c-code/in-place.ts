/** Calls whose function is printed where it is called, as statements. */
import { argumentsOf, meant, plainCall, provenance, targetOf, wordOf, type Meant } from './calls.ts'
import { asTest, expanded, isStraight, straight } from './expand.ts'
import type { Frame, Source } from './frame.ts'
import { callIn, type AnyNode } from './syntax.ts'
import { loop, not, run, truthOf, type Expr, type Stmt } from './tree.ts'

export function called(it: Meant, target: Source, frame: Frame): readonly Stmt[] | undefined {
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
export function jumpsOut(
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
export function looped(it: Meant, frame: Frame): readonly Stmt[] {
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

/** `if (!helper()) return`, with the text of the helper in its place. */
export function testedBy(
  { test, consequent, alternate }: Extract<AnyNode, { type: 'IfStatement' }>,
  frame: Frame,
  inner: (node: AnyNode, frame: Frame) => readonly Stmt[],
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
