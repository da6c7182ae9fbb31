/** The functions of a design's object, each with the class in which it was written last. */
import { generatorsOf, originalOf } from '../../engine/authoring/made.ts'
import type { Source } from '../c-code/frame.ts'
import { library, type Callable } from './library.ts'

/** @param from where to look: the object, or one of its classes */
export function methodOf(self: object, name: string, from: object = self): Source | undefined {
  const value = valueIn(from, name)
  if (value === undefined) return undefined
  const original = originalOf(value)
  for (const at of classesOf(from)) {
    const own: unknown = Object.getOwnPropertyDescriptor(at, name)?.value
    // What stands for a method on the object itself belongs to no class.
    if (at !== self && typeof own === 'function' && originalOf(own) === original)
      return library().of(original, classOf(at))
  }
  return library().of(original)
}
function valueIn(from: object, name: string): Callable | undefined {
  const value: unknown = Object.hasOwn(Object.prototype, name) ? undefined : Reflect.get(from, name)
  return typeof value === 'function' ? (value as unknown as Callable) : undefined
}
/** An object and what it inherits from. */
function* classesOf(from: object): Generator<object> {
  for (
    let at: object | null = from;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    yield at
}
const classOf = (prototype: object): string => (prototype.constructor as { name: string }).name

/** What `super.f` means in a method of a class. */
export function overriddenBy(self: object, { owner }: Source, name: string): Source | undefined {
  for (const at of classesOf(Object.getPrototypeOf(self) as object))
    if (classOf(at) === owner) return methodOf(self, name, Object.getPrototypeOf(at) as object)
  return undefined
}

/** All that are of steps. */
export function functionsOf(self: object): readonly Source[] {
  const names = new Set<string>()
  for (const at of classesOf(self))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (isOfSteps(value)) names.add(name)
  return [...names].flatMap((name) => methodOf(self, name) ?? [])
}
const isOfSteps = (value: unknown): boolean =>
  typeof value === 'function' && generatorsOf({ it: originalOf(value) }).length > 0
