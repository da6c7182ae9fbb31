/** Variables get their values: of steps that say so themselves, of functions printed in place, of anything else. */
import { argumentsOf, meant, targetOf, wordOf } from './calls.ts'
import { isStraight } from './expand.ts'
import { lengthOf, lower } from './expressions.ts'
import type { Frame } from './frame.ts'
import { jumpsOut } from './in-place.ts'
import { assignmentIn, isConstant, label } from './labels.ts'
import { callIn, snake, type AnyNode } from './syntax.ts'
import { known, run, type Expr, type Stmt } from './tree.ts'
import { textOf, usesOf } from './words.ts'

export function declared(
  id: AnyNode,
  init: AnyNode | null | undefined,
  frame: Frame,
): readonly Stmt[] {
  // A function in a variable is what a step does.
  if (init == null || init.type === 'ArrowFunctionExpression') return []
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
