/** The first lines of a function. There are no types at run time: names tell them, and what is returned. */
import type { Source } from '../c-code/frame.ts'
import { wrapped } from '../c-code/print.ts'
import {
  calleeOf,
  callIn,
  childrenOf,
  returnedBy,
  returnsIn,
  snake,
  type AnyNode,
  type Callee,
} from '../c-code/syntax.ts'
import { LIST, POINTER, typeOf } from './kernel-names.ts'

/** The function a call means. */
type Resolve = (callee: Callee, from: Source) => Source | undefined

export function signature(source: Source, resolve: Resolve): readonly string[] {
  const { name, node } = source
  const params = node.params.flatMap((it) => parameter(it))
  const list = params.length === 0 ? 'void' : params.join(', ')
  return wrapped(`${resultOf(source, resolve)}${snake(name)}(${list})`)
}
function parameter(node: AnyNode): readonly string[] {
  if (node.type === 'AssignmentPattern') return parameter(node.left)
  if (node.type === 'RestElement') {
    const list = node.argument.type === 'Identifier' ? snake(node.argument.name) : 'list'
    return [`${LIST}${list}`, `int ${list}_len`]
  }
  if (node.type !== 'Identifier') return ['...']
  const variable = snake(node.name.replace(/^_+/, ''))
  return [`${typeOf(variable) ?? 'int '}${variable}`]
}

/** With the space or the star that stands in front of the name. */
function resultOf(source: Source, resolve: Resolve): string {
  const types = typesOf(source, resolve, [])
  if (types.size === 0) return returnsIn(source.node.body).length === 0 ? 'void ' : 'int '
  const pointer = [...types].find((type) => type.endsWith('*'))
  return pointer ?? (types.has('bool ') ? 'bool ' : [...types][0]!)
}
function typesOf(source: Source, resolve: Resolve, inside: readonly Source[]): ReadonlySet<string> {
  if (inside.includes(source)) return new Set()
  const { body } = source.node
  const values = body.type === 'BlockStatement' ? returnsIn(body) : [body]
  const of = (node: AnyNode): readonly string[] =>
    typesIn(node, source, resolve, [...inside, source])
  return new Set(values.flatMap(of))
}
const COMPARES = /^([=!]==|[<>]=?)$/
function typesIn(
  node: AnyNode,
  source: Source,
  resolve: Resolve,
  inside: readonly Source[],
): readonly string[] {
  const again = (it: AnyNode): readonly string[] => typesIn(it, source, resolve, inside)
  const call = callIn(node)
  if (call !== undefined) return ofCall(call, source, resolve, inside)
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'boolean' ? ['bool '] : []
    case 'UnaryExpression':
      return node.operator === '!' ? ['bool '] : ['int ']
    case 'BinaryExpression':
      return COMPARES.test(node.operator) ? ['bool '] : ['int ']
    case 'LogicalExpression':
      return again(node.right)
    case 'ConditionalExpression':
      return [...again(node.consequent), ...again(node.alternate)]
    case 'Identifier':
      return ofName(node.name, source, again)
    default:
      return []
  }
}
function ofName(
  name: string,
  source: Source,
  again: (node: AnyNode) => readonly string[],
): readonly string[] {
  if (name === 'NONE') return [POINTER]
  const type = typeOf(snake(name))
  if (type !== undefined) return [type]
  if (/^E[A-Z]{2,}$/.test(name)) return ['int ']
  const init = initialOf(name, source.node.body)
  return init === undefined ? [] : again(init)
}
function initialOf(name: string, node: AnyNode): AnyNode | undefined {
  if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.name === name)
    return node.init ?? undefined
  for (const child of childrenOf(node)) {
    const found = initialOf(name, child)
    if (found !== undefined) return found
  }
  return undefined
}
function ofCall(
  call: Extract<AnyNode, { type: 'CallExpression' }>,
  source: Source,
  resolve: Resolve,
  inside: readonly Source[],
): readonly string[] {
  const callee = calleeOf(call.callee)
  if (callee?.name === 'fails') return ['bool ']
  if (callee?.name === 'call') {
    const [first] = call.arguments
    const called = first === undefined ? undefined : calleeOf(first)
    const target = called === undefined ? undefined : resolve(called, source)
    return target === undefined ? [] : [...typesOf(target, resolve, inside)]
  }
  if (/^(step|local|when|detail)$/.test(callee?.name ?? '')) {
    const told = returnedBy(call.arguments.at(-1))
    return told === undefined ? [] : typesIn(told.value, source, resolve, inside)
  }
  const target = callee === undefined ? undefined : resolve(callee, source)
  return target === undefined ? [] : [...typesOf(target, resolve, inside)]
}
