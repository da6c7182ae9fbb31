/** The words a state is declared in, and the types of the views that read and write it. */
/** A typed reference to a member of the domain `D`. `NONE` is no reference. */
export type Ref<D extends string = string> = number & { readonly __domain?: D }
export const NONE = -1

/**
 * Members of an ordinary domain are the numbers 0..size-1. Members of a scalarset (Ip and Dill, "Better
 * verification through symmetry", 1996) are interchangeable, so a model may compare them and follow
 * them and nothing else: their references lie far from any count, and a bare number is refused where
 * one is wanted. That is also how a reference is known again among the values a step returned.
 */
const FIRST_SCALARSET = -(2 ** 30)
const SCALARSET_BITS = 16
export const scalarsetBase = (index: number): number =>
  FIRST_SCALARSET + index * 2 ** SCALARSET_BITS
/** The number of a member within its domain, 0..size-1: for people, and for bit masks. */
export const indexOf = (ref: Ref): number => ref & (2 ** SCALARSET_BITS - 1)
/** Which scalarset, in the order of the layout, a member belongs to. */
export const scalarsetOf = (ref: Ref): number => (ref - FIRST_SCALARSET) >> SCALARSET_BITS
/** Is this value a reference to a member of a scalarset? At most 1,024 scalarsets. */
export const isMember = (value: unknown): value is number =>
  typeof value === 'number' && value < FIRST_SCALARSET + 2 ** 26 && value >= FIRST_SCALARSET

export interface Scalar<V> {
  readonly kind: 'scalar'
  readonly type: 'uint' | 'counter' | 'flag' | 'oneOf' | 'ref' | 'fixed'
  readonly bits: number
  /** Largest storable value, before decoding. */
  readonly max: number
  readonly names?: readonly string[]
  readonly domain?: string
  /** What a `fixed` scalar always reads. */
  readonly value?: V
  /** Whether a `fixed` scalar may be written what it does not read afterwards. */
  readonly forgets?: boolean
  readonly __value?: V
}
export interface ListDecl<D extends string> {
  readonly kind: 'list'
  readonly capacity: number
  readonly domain: D
  readonly size: number
}
export interface SetDecl<D extends string> {
  readonly kind: 'set'
  readonly domain: D
  readonly size: number
}
export interface RecordDecl<F extends Fields> {
  readonly kind: 'record'
  readonly fields: F
}
export interface ArrayDecl<F extends Fields> {
  readonly kind: 'array'
  readonly length: number
  readonly domain: string
  readonly of: RecordDecl<F>
}
export type Decl =
  | Scalar<unknown>
  | ListDecl<string>
  | SetDecl<string>
  | RecordDecl<Fields>
  | ArrayDecl<Fields>
export type Fields = { readonly [name: string]: Decl }

/** A bounded first-in first-out list of references. Removed slots are zeroed: equal content is equal state. */
export interface List<D extends string> {
  readonly capacity: number
  readonly length: number
  at(index: number): Ref<D>
  push(value: Ref<D>): void
  pop(): Ref<D>
  shift(): Ref<D>
  remove(value: Ref<D>): boolean
  has(value: Ref<D>): boolean
  clear(): void
  toArray(): Ref<D>[]
}
/** A set of references, one bit each. */
export interface RefSet<D extends string> {
  /** The members as a bit mask. */
  mask: number
  readonly isEmpty: boolean
  has(value: Ref<D>): boolean
  add(value: Ref<D>): void
  delete(value: Ref<D>): void
  toArray(): Ref<D>[]
}
/** An array of records is called with a reference: `w.account(a).balance`. */
export interface Indexed<V> {
  (ref: number): V
  readonly all: readonly V[]
  /** A reference to each, in the order of `all`. */
  readonly refs: readonly number[]
}

export type ViewOf<T> =
  T extends Scalar<infer V>
    ? V
    : T extends ListDecl<infer D>
      ? List<D>
      : T extends SetDecl<infer D>
        ? RefSet<D>
        : T extends RecordDecl<infer F>
          ? View<F>
          : T extends ArrayDecl<infer F>
            ? Indexed<View<F>>
            : never
type ScalarKeys<F> = { [K in keyof F]: F[K] extends Scalar<unknown> ? K : never }[keyof F]
export type View<F extends Fields> = {
  -readonly [K in ScalarKeys<F>]: ViewOf<F[K]>
} & { readonly [K in Exclude<keyof F, ScalarKeys<F>>]: ViewOf<F[K]> }

/** Bits needed for values 0..max. */
export const bitsFor = (max: number): number => Math.max(1, 32 - Math.clz32(max))

/** A number 0..max. Storing anything else is an error that names the field. */
export const uint = (max: number): Scalar<number> => {
  if (!(max >= 0 && max < 2 ** 32)) throw new Error(`layout: a uint holds 0..2^32-1, not ${max}`)
  return { kind: 'scalar', type: 'uint', bits: bitsFor(max), max }
}
/** An unsigned counter of `bits` bits (1..32) that wraps as the kernel's u32 does. */
export const counter = (bits: number): Scalar<number> => {
  if (!(bits >= 1 && bits <= 32)) throw new Error(`layout: a counter has 1 to 32 bits, not ${bits}`)
  return { kind: 'scalar', type: 'counter', bits, max: 2 ** bits - 1 }
}
export const flag = (): Scalar<boolean> => ({ kind: 'scalar', type: 'flag', bits: 1, max: 1 })
export const oneOf = <const N extends readonly string[]>(...names: N): Scalar<N[number]> => ({
  kind: 'scalar',
  type: 'oneOf',
  bits: bitsFor(names.length - 1),
  max: names.length - 1,
  names,
})
/** A reference into a domain of `size` members, or NONE. */
export const ref = <D extends string>(domain: D, size: number): Scalar<Ref<D>> => ({
  kind: 'scalar',
  type: 'ref',
  bits: bitsFor(size),
  max: size,
  domain,
})
/** A scalar this state does without: it takes no bits, always reads `value`, and nothing else may be written. */
export const fixed = <V>(value: V): Scalar<V> => ({
  kind: 'scalar',
  type: 'fixed',
  bits: 0,
  max: 0,
  value,
})
/** The same for what decides nothing, such as statistics: what is written is forgotten. */
export const forgotten = <V>(value: V): Scalar<V> => ({ ...fixed(value), forgets: true })
/** The scalar where it is wanted, and `fixed(otherwise)` where it is not. */
export const optional = <V>(wanted: boolean, scalar: Scalar<V>, otherwise: V): Scalar<V> =>
  wanted ? scalar : fixed(otherwise)
/** The scalar where it is wanted, and `forgotten(otherwise)` where it is not. */
export const noted = <V>(wanted: boolean, scalar: Scalar<V>, otherwise: V): Scalar<V> =>
  wanted ? scalar : forgotten(otherwise)
export const list = <D extends string>(domain: D, size: number, capacity: number): ListDecl<D> => ({
  kind: 'list',
  domain,
  size,
  capacity,
})
export const set = <D extends string>(domain: D, size: number): SetDecl<D> => {
  if (size > 32) throw new Error(`layout: a set of ${domain} holds at most 32 members, not ${size}`)
  return { kind: 'set', domain, size }
}
export const record = <F extends Fields>(fields: F): RecordDecl<F> => ({ kind: 'record', fields })
export const array = <F extends Fields>(
  domain: string,
  length: number,
  fields: F,
): ArrayDecl<F> => ({ kind: 'array', domain, length, of: record(fields) })

/** A scalar as people read it. */
export type SlotValue = string | number | boolean | null
