/** Where a design is entered: functions that drivers, the stack and events call. */
import { generatorsOf, originalOf } from '../../engine/made.ts'
import type { Source } from '../c-code/frame.ts'
import { childrenOf, propertyOf, type AnyNode } from '../c-code/syntax.ts'
import { isKernelName } from './kernel-names.ts'
import { isElsewhere, library } from './library.ts'

export interface Roots {
  /** Functions of the design that no other of its functions calls. */
  readonly own: readonly Source[]
  /** Functions of others, which call some of its own. */
  readonly outside: readonly Source[]
  /** Folders its own functions stand in: others of those are its own, too. */
  readonly rooms: ReadonlySet<string>
}
export const roomOf = ({ file }: Source): string => file.replace(/[^/]*$/, '')
export function rootsOf(self: object): Roots {
  const all = functionsOf(self)
  const inside = all.filter((it) => !isElsewhere(it))
  const called = new Set(inside.flatMap(({ node }) => namesOfThis(node)))
  return {
    own: inside.filter(({ name }) => !called.has(name) && isKernelName(name)),
    outside: all.filter((it) => isElsewhere(it)),
    rooms: new Set(inside.map(roomOf)),
  }
}
/** Functions of steps an object and its classes have, each as it is overridden last. */
export function functionsOf(self: object): readonly Source[] {
  const found = new Map<string, Source>()
  for (
    let at: object | null = self;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const owner = at === self ? undefined : (at.constructor as { name: string }).name
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (found.has(name) || !isOfSteps(value)) continue
      const source = library().of(value, owner)
      if (source !== undefined) found.set(name, source)
    }
  }
  return [...found.values()]
}
const isOfSteps = (value: unknown): value is (...args: unknown[]) => never =>
  typeof value === 'function' && generatorsOf({ it: originalOf(value) }).length > 0

/** `this.f`, anywhere inside. */
function namesOfThis(node: AnyNode): readonly string[] {
  const own =
    node.type === 'MemberExpression' && node.object.type === 'ThisExpression'
      ? [propertyOf(node) ?? '']
      : []
  return [...own, ...childrenOf(node).flatMap(namesOfThis)]
}
