/** Random declarations for the layout's tests, and the plain JavaScript values that mirror them. */
import fc from 'fast-check'
import * as declare from '../../engine/state/layout.ts'
import type { Fields, List, RefSet } from '../../engine/state/layout.ts'

export type Shape =
  | { readonly kind: 'uint'; readonly max: number }
  | { readonly kind: 'counter'; readonly bits: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'oneOf'; readonly names: readonly string[] }
  | { readonly kind: 'ref'; readonly size: number }
  | { readonly kind: 'list'; readonly size: number; readonly capacity: number }
  | { readonly kind: 'set'; readonly size: number }
  | { readonly kind: 'record'; readonly fields: readonly Shape[] }
  | { readonly kind: 'array'; readonly length: number; readonly fields: readonly Shape[] }

const leaf: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({
    kind: fc.constant('uint' as const),
    max: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 0xffffffff })),
  }),
  fc.record({ kind: fc.constant('counter' as const), bits: fc.integer({ min: 1, max: 32 }) }),
  fc.record({ kind: fc.constant('flag' as const) }),
  fc.record({
    kind: fc.constant('oneOf' as const),
    names: fc.uniqueArray(fc.constantFrom(...'abcdefghi'), { minLength: 1 }),
  }),
  fc.record({ kind: fc.constant('ref' as const), size: fc.integer({ min: 1, max: 300 }) }),
  fc.record({
    kind: fc.constant('list' as const),
    size: fc.integer({ min: 1, max: 40 }),
    capacity: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({ kind: fc.constant('set' as const), size: fc.integer({ min: 1, max: 32 }) }),
)
const fieldsOf = (depth: number): fc.Arbitrary<Shape[]> =>
  fc.array(shapeAt(depth), { minLength: 1, maxLength: 5 })
const shapeAt = (depth: number): fc.Arbitrary<Shape> =>
  depth === 0
    ? leaf
    : fc.oneof(
        { weight: 5, arbitrary: leaf },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant('record' as const),
            fields: fieldsOf(depth - 1),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant('array' as const),
            length: fc.integer({ min: 1, max: 3 }),
            fields: fieldsOf(depth - 1),
          }),
        },
      )
/** The fields of a whole state. */
export const shapes: fc.Arbitrary<readonly Shape[]> = fieldsOf(2)

const declaration = (shape: Shape): declare.Decl => {
  switch (shape.kind) {
    case 'uint':
      return declare.uint(shape.max)
    case 'counter':
      return declare.counter(shape.bits)
    case 'flag':
      return declare.flag()
    case 'oneOf':
      return declare.oneOf(...shape.names)
    case 'ref':
      return declare.ref('thing', shape.size)
    case 'list':
      return declare.list('thing', shape.size, shape.capacity)
    case 'set':
      return declare.set('thing', shape.size)
    case 'record':
      return declare.record(fields(shape.fields))
    case 'array':
      return declare.array('element', shape.length, fields(shape.fields))
  }
}
export const fields = (of: readonly Shape[]): Fields =>
  Object.fromEntries(of.map((shape, i) => [`f${i}`, declaration(shape)]))

export type Plain = number | boolean | string | readonly number[]
/** One field that holds a value, wherever it is nested. */
export interface Leaf {
  readonly path: string
  readonly zero: Plain
  read(): Plain
  /** Makes the field hold this value. */
  write(value: Plain): void
  /** Does something to the field that held `now`; says what it must hold then. */
  act(op: number, n: number, now: Plain): Plain
}

type Views = { [name: string]: unknown }
export const leaves = (of: readonly Shape[], view: unknown, path = ''): Leaf[] =>
  of.flatMap((shape, i): Leaf[] => {
    const name = `f${i}`
    const here = `${path}.${name}`
    const views = view as Views
    if (shape.kind === 'record') return leaves(shape.fields, views[name], here)
    if (shape.kind === 'array')
      return Array.from({ length: shape.length }, (_, at) =>
        leaves(shape.fields, (views[name] as (index: number) => unknown)(at), `${here}[${at}]`),
      ).flat()
    if (shape.kind === 'list') return [listLeaf(shape, here, views[name] as List<string>)]
    if (shape.kind === 'set') return [setLeaf(shape, here, views[name] as RefSet<string>)]
    return [scalarLeaf(shape, here, views, name)]
  })

type ScalarShape = Exclude<Shape, { kind: 'list' | 'set' | 'record' | 'array' }>
function scalarLeaf(shape: ScalarShape, path: string, views: Views, name: string): Leaf {
  const write = (value: Plain): void => {
    views[name] = value
  }
  const [zero, written, held] = ((): [Plain, (n: number) => Plain, (n: number) => Plain] => {
    switch (shape.kind) {
      case 'uint':
        return [0, (n) => n % (shape.max + 1), (n) => n % (shape.max + 1)]
      case 'counter':
        return [0, (n) => n - 7, (n) => (n - 7 + 2 ** 32) % 2 ** shape.bits]
      case 'flag':
        return [false, (n) => n % 2 === 1, (n) => n % 2 === 1]
      case 'oneOf': {
        const pick = (n: number): string => shape.names[n % shape.names.length]!
        return [pick(0), pick, pick]
      }
      case 'ref':
        return [declare.NONE, (n) => (n % (shape.size + 1)) - 1, (n) => (n % (shape.size + 1)) - 1]
    }
  })()
  return {
    path,
    zero,
    read: () => views[name] as Plain,
    write,
    act: (_, n) => {
      write(written(n))
      return held(n)
    },
  }
}

const agree = (got: unknown, expected: unknown, what: string): void => {
  if (got !== expected) throw new Error(`${what}: got ${String(got)}, expected ${String(expected)}`)
}

function listLeaf(
  shape: { readonly size: number; readonly capacity: number },
  path: string,
  list: List<string>,
): Leaf {
  return {
    path,
    zero: [],
    read: () => {
      const entries = Array.from({ length: list.length }, (_, i) => list.at(i))
      agree(String(list.toArray()), String(entries), `${path}.toArray()`)
      agree(list.at(list.length), declare.NONE, `${path}.at(length)`)
      return entries
    },
    write: (value) => {
      list.clear()
      for (const one of value as readonly number[]) list.push(one)
    },
    act: (op, n, now) => {
      const model = [...(now as readonly number[])]
      const value = n % shape.size
      agree(list.has(value), model.includes(value), `${path}.has(${value})`)
      if (op === 0) agree(list.pop(), model.pop() ?? declare.NONE, `${path}.pop()`)
      else if (op === 1) agree(list.shift(), model.shift() ?? declare.NONE, `${path}.shift()`)
      else if (op === 2) {
        const at = model.indexOf(value)
        agree(list.remove(value), at !== -1, `${path}.remove(${value})`)
        if (at !== -1) model.splice(at, 1)
      } else if (op === 3 && n % 5 === 0) {
        list.clear()
        return []
      } else if (model.length < shape.capacity) {
        list.push(value)
        model.push(value)
      }
      return model
    },
  }
}

function setLeaf(shape: { readonly size: number }, path: string, members: RefSet<string>): Leaf {
  const all = Array.from({ length: shape.size }, (_, i) => i)
  return {
    path,
    zero: [],
    read: () => {
      const held = all.filter((member) => members.has(member))
      agree(members.isEmpty, held.length === 0, `${path}.isEmpty`)
      agree(
        members.mask,
        held.reduce((mask, member) => mask + 2 ** member, 0),
        `${path}.mask`,
      )
      return held
    },
    write: (value) => {
      members.mask = 0
      for (const member of value as readonly number[]) members.add(member)
    },
    act: (op, n, now) => {
      const member = n % shape.size
      const others = (now as readonly number[]).filter((one) => one !== member)
      if (op === 0 || op === 1) {
        members.delete(member)
        return others
      }
      members.add(member)
      return [...others, member].sort((a, b) => a - b)
    },
  }
}
