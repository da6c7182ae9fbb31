/** Where a design is entered: functions that drivers, the stack and events call. */
import type { Source } from '../c-code/frame.ts'
import { childrenOf, propertyOf, type AnyNode } from '../c-code/syntax.ts'
import { isKernelName } from './kernel-names.ts'
import { isElsewhere } from './library.ts'
import { functionsOf } from './members.ts'

export interface Roots {
  /** Functions of the design that no other of its functions calls; of the kernel's, where it has any. */
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
  const first = inside.filter(({ name }) => !called.has(name))
  const ofKernel = first.filter(({ name }) => isKernelName(name))
  return {
    own: ofKernel.length > 0 ? ofKernel : first,
    outside: all.filter((it) => isElsewhere(it)),
    rooms: new Set(inside.map(roomOf)),
  }
}
/** `this.f`, anywhere inside. */
function namesOfThis(node: AnyNode): readonly string[] {
  const own =
    node.type === 'MemberExpression' && node.object.type === 'ThisExpression'
      ? [propertyOf(node) ?? '']
      : []
  return [...own, ...childrenOf(node).flatMap(namesOfThis)]
}
