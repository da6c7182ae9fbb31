/** JavaScript as acorn reads it, in the few forms that are asked about everywhere. */
import type {
  AnyNode,
  ArrowFunctionExpression,
  CallExpression,
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  Super,
} from 'acorn'

export type { AnyNode, CallExpression, Expression }
export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression

/** Of which object: of the design, of the class below, or of none. */
export type How = 'this' | 'super' | 'free'
export interface Callee {
  readonly how: How
  readonly name: string
}
/** What is called, when that is a function with a name: `this.f`, `super.f`, `f`, and `(0, module.f)`. */
export function calleeOf(node: Expression | Super | AnyNode): Callee | undefined {
  if (node.type === 'Identifier') return { how: 'free', name: node.name }
  if (node.type === 'SequenceExpression') {
    const last = node.expressions.at(-1)!
    const found = last.type === 'MemberExpression' ? nameOf(last) : undefined
    return found === undefined ? undefined : { how: 'free', name: found }
  }
  const named = node.type === 'MemberExpression' ? nameOf(node) : undefined
  if (node.type !== 'MemberExpression' || named === undefined) return undefined
  if (node.object.type === 'ThisExpression') return { how: 'this', name: named }
  if (node.object.type === 'Super') return { how: 'super', name: named }
  return undefined
}
const nameOf = (node: AnyNode): string | undefined =>
  node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier'
    ? node.property.name
    : undefined
export { nameOf as propertyOf }

/** `this.a.b` as `a`, `b`. */
export function pathOf(node: AnyNode): readonly string[] | undefined {
  if (node.type === 'ThisExpression') return []
  const last = nameOf(node)
  if (last === undefined || node.type !== 'MemberExpression') return undefined
  const first = pathOf(node.object)
  return first === undefined ? undefined : [...first, last]
}
/** What `yield*` takes. */
export const takenBy = (node: AnyNode): Expression | undefined =>
  node.type === 'YieldExpression' && node.delegate && node.argument != null
    ? node.argument
    : undefined
/** The call that a statement or a value is, with `yield*` or without. */
export function callIn(node: AnyNode): CallExpression | undefined {
  const inner = takenBy(node) ?? node
  return inner.type === 'CallExpression' ? inner : undefined
}

/** What is asked of the same nodes again and again. */
function remembered<T>(make: (node: AnyNode) => T): (node: AnyNode) => T {
  const made = new WeakMap<AnyNode, { readonly it: T }>()
  return (node) => {
    const found = made.get(node) ?? { it: make(node) }
    made.set(node, found)
    return found.it
  }
}
/** Nodes directly inside a node. */
export const childrenOf = remembered((node): readonly AnyNode[] =>
  Object.values(node)
    .flat()
    .filter(
      (it): it is AnyNode => typeof it === 'object' && it !== null && typeof it.type === 'string',
    ),
)
/** Names that are read somewhere inside. */
export const namesIn: (node: AnyNode) => readonly string[] = remembered((node) => {
  if (node.type === 'Identifier') return [node.name]
  if (node.type === 'MemberExpression')
    return [...namesIn(node.object), ...(node.computed ? namesIn(node.property) : [])]
  if (node.type === 'Property' && !node.computed) return namesIn(node.value)
  return childrenOf(node).flatMap(namesIn)
})
/** Variables a function declares, those of its closures left out. */
export const localsOf: (node: AnyNode) => readonly string[] = remembered((node) =>
  childrenOf(node).flatMap((it) => {
    if (isFunction(it)) return []
    const own = it.type === 'VariableDeclarator' && it.id.type === 'Identifier' ? [it.id.name] : []
    return [...own, ...localsOf(it)]
  }),
)
/** What a function returns, closures in it left out. */
export const returnsIn = (node: AnyNode): readonly AnyNode[] => {
  if (node.type === 'ReturnStatement') return node.argument == null ? [] : [node.argument]
  return isFunction(node) ? [] : childrenOf(node).flatMap(returnsIn)
}
const isFunction = (node: AnyNode): boolean =>
  node.type === 'ArrowFunctionExpression' ||
  node.type === 'FunctionExpression' ||
  node.type === 'FunctionDeclaration'
/** What a closure gives back, with the constants of its own put in: undefined when that is more than one thing. */
export function returnedBy(fn: AnyNode | undefined):
  | {
      readonly world: string | undefined
      readonly value: Expression
      readonly where: ReadonlyMap<string, Expression>
    }
  | undefined {
  if (fn?.type !== 'ArrowFunctionExpression') return undefined
  const [first] = fn.params
  const world = first?.type === 'Identifier' ? first.name : undefined
  const where = new Map<string, Expression>()
  if (fn.body.type !== 'BlockStatement') return { world, value: fn.body, where }
  let value: Expression | undefined
  for (const stmt of fn.body.body) {
    if (stmt.type === 'VariableDeclaration')
      for (const { id, init } of stmt.declarations)
        if (id.type === 'Identifier' && init != null) where.set(id.name, init)
    if (stmt.type === 'ReturnStatement') value = stmt.argument ?? undefined
    if (stmt.type === 'IfStatement') return undefined
  }
  return value === undefined ? undefined : { world, value, where }
}

/** `camelCase` as `snake_case`; what is written in capitals stays. */
export const snake = (text: string): string =>
  /^[A-Z_0-9]+$/.test(text)
    ? text
    : text.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
