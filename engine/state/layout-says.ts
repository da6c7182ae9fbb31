/** What a layout says when something is read or written that it does not have: in the reader's terms. */
import { indexOf, isMember, NONE, type Scalar } from './declare.ts'
import type { Base } from './footprint.ts'
import { Misuse } from '../authoring/misuse.ts'
import { didYouMean } from '../authoring/near.ts'

export interface Held {
  readonly path: string
  readonly field: Scalar<unknown>
  readonly base: Base
}

/** `.account[].owner` is `account.owner`. */
const plain = (path: string): string => path.replaceAll('[]', '').replace(/^\./, '')
/** A value as people read it. */
function told(value: unknown): string {
  if (value === NONE) return 'NONE'
  if (isMember(value)) return `a reference to number ${indexOf(value)}`
  return typeof value === 'string' ? `"${value}"` : String(value)
}

/** A scalar cannot hold this value. It ends the path: the same step may have room in another state. */
export function cannotHold({ path, field, base }: Held, value: unknown): never {
  const given = value === NONE && field.type !== 'ref' ? '-1' : told(value)
  throw new Error(`${plain(path)} cannot hold ${given}: ${kindOf(field, base, value)}`)
}
function kindOf(field: Scalar<unknown>, base: Base, value: unknown): string {
  if (field.type === 'ref') return `it is ${members(field.domain!, base, field.max, value)}`
  if (field.type === 'oneOf')
    return `it is one of ${field.names!.map((it) => `"${it}"`).join(', ')}.`
  if (isMember(value)) return 'it is a number, and a reference is none: indexOf(...) gives it.'
  if (typeof value !== 'number' || !Number.isInteger(value))
    return `it is a whole number from 0 to ${field.max}.`
  return `it goes from 0 to ${field.max} in this scope, and ${value < 0 ? 'more is taken off it than there was' : 'more is added to it than there is room for'}. Mend the step, or widen the field.`
}
/** What a reference into a domain is, and how one is had from what was given instead. */
function members(domain: string, { first, way }: Base, size: number, value: unknown): string {
  const kind = domain.replaceAll('_', ' ')
  const range =
    size === 0
      ? `there is none in this scope`
      : size === 1
        ? `number 0 is the only one`
        : `numbers 0 to ${size - 1}`
  if (!isMember(first))
    return isMember(value)
      ? `the number of a ${kind} (${range}) or NONE. indexOf(...) gives the number of a reference.`
      : `a ${kind} (${range}) or NONE.`
  const had =
    isMember(value) || value === NONE || typeof value !== 'number'
      ? ''
      : ` ${value} is a bare number, such as a slot or an index: ${(way ?? 'refs[n]').replace('n)', `${value})`).replace('[n]', `[${value}]`)} is ${kind} number ${value}.`
  return `a reference to a ${kind} (${range}) or NONE.${had}`
}

interface Elements {
  readonly name: string
  readonly domain: string
  readonly members: Base
  readonly length: number
}
/** An array has no element of this number or reference. */
export function noElement(
  { name, domain, members: base, length }: Elements,
  value: unknown,
): never {
  const plainly = value === NONE && !isMember(base.first)
  const none =
    value !== NONE ? '' : plainly ? ' -1 is NONE, too: test for it first.' : ' Test for NONE first.'
  throw new Error(
    `${name}(${plainly ? -1 : told(value)}): there is no such element. What it takes is ${members(domain, base, length, value).replace(' or NONE', '')}${none}`,
  )
}
/** A list or a set of references cannot hold this value. */
export function notInList(
  kind: string,
  place: { name: string; domain: string; members: Base; size: number },
  value: unknown,
): never {
  const { name, domain, members: base, size } = place
  throw new Error(
    `${kind} ${name} cannot hold ${told(value)}: each of it is ${members(domain, base, size, value).replace(' or NONE', '')}`,
  )
}

/** A field that the scope does without is written. */
export function leftOut(path: string, value: unknown, always: unknown): never {
  throw new Misuse(
    `${plain(path)} = ${told(value)}: this scope does without that field, it always reads ${told(always)}. Write it only where the scope has it, or declare a field of the design's own in "fields".`,
  )
}

/** Names that are asked of any object by a language or a test, and mean no field. */
const ASKED: ReadonlySet<string> = new Set([
  'toJSON',
  'then',
  'asymmetricMatch',
  'nodeType',
  'tagName',
])

/** What lies behind the accessors of a record: whoever gets here names a field there is not. */
export function unknownFields(path: string, names: readonly string[]): object {
  const refuse = (key: string, how: string): never => {
    const of = plain(path) === '' ? 'the state' : plain(path)
    throw new Misuse(
      `${of} has no field "${key}", which is ${how}.${didYouMean(key, names)} A design declares fields of its own in "fields".`,
    )
  }
  return new Proxy(Object.create(Object.prototype) as object, {
    get: (target, key, receiver) =>
      typeof key === 'symbol' || key in target || ASKED.has(key) || key.startsWith('@@')
        ? (Reflect.get(target, key, receiver) as unknown)
        : refuse(key, 'read'),
    set: (target, key, value, receiver) =>
      typeof key === 'symbol' ? Reflect.set(target, key, value, receiver) : refuse(key, 'written'),
    has: (target, key) => key in target,
  })
}
