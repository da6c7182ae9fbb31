/**
 * The state a declaration describes as ordinary objects: no bits are counted, lists are as long as
 * they get, and long arrays grow when an element is first asked for. For runs that keep one state and
 * never compare, hash or store it, at sizes no vector should have.
 */
import { NONE, scalarsetBase, type Decl, type Fields, type Scalar, type View } from './declare.ts'

import { leftOut, unknownFields } from './layout-says.ts'

/** An array of more elements, or without end, begins empty. */
const LONG = 1024

/**
 * A view as `Layout.bind` gives one, over a state of its own that starts as zeros. References into the
 * scalarsets are what they are in a layout.
 */
export const plainView = <F extends Fields>(
  fields: F,
  scalarsets: readonly string[] = [],
): View<F> => maker(fields, scalarsets)() as View<F>

/** Compiles a record once; what it returns makes one such record each time. */
function maker(fields: Fields, scalarsets: readonly string[]): () => object {
  const accessors: PropertyDescriptorMap = {}
  const initial: (readonly [name: string, make: () => unknown])[] = []
  for (const [name, decl] of Object.entries(fields))
    if (decl.kind === 'scalar' && decl.type === 'fixed')
      accessors[name] = {
        get: () => decl.value,
        set: (value) => {
          if (decl.forgets !== true && value !== decl.value) leftOut(name, value, decl.value)
        },
        enumerable: true,
      }
    else if (decl.kind === 'scalar' && decl.type === 'counter') {
      initial.push([`$${name}`, () => 0])
      accessors[name] = wrapping(`$${name}`, decl)
    } else initial.push([name, creator(decl, scalarsets)])
  const prototype = Object.create(unknownFields('', Object.keys(fields)), accessors) as object
  return () => {
    const record = Object.create(prototype) as Record<string, unknown>
    for (const [name, make] of initial)
      Object.defineProperty(record, name, {
        value: make(),
        writable: true,
        enumerable: true,
        configurable: true,
      })
    return record
  }
}
const wrapping = (name: string, { bits }: Scalar<unknown>): PropertyDescriptor => ({
  get(this: Record<string, number>) {
    return this[name]
  },
  set(this: Record<string, number>, value: number) {
    this[name] = bits === 32 ? value >>> 0 : value & (2 ** bits - 1)
  },
})

function creator(decl: Decl, scalarsets: readonly string[]): () => unknown {
  switch (decl.kind) {
    case 'scalar': {
      const zero = zeroOf(decl)
      return () => zero
    }
    case 'list':
      return () => new PlainList()
    case 'set':
      return () => new PlainSet()
    case 'record':
      return maker(decl.fields, scalarsets)
    case 'array': {
      const make = maker(decl.of.fields, scalarsets)
      const set = scalarsets.indexOf(decl.domain)
      const first = set === -1 ? 0 : scalarsetBase(set)
      const length = decl.length > LONG ? 0 : decl.length
      return () => growing(make, length, first)
    }
  }
}
function zeroOf(decl: Scalar<unknown>): unknown {
  if (decl.type === 'flag') return false
  if (decl.type === 'oneOf') return decl.names![0]
  return decl.type === 'ref' ? NONE : 0
}
function growing(make: () => object, length: number, first: number): object {
  const all: object[] = []
  const refs: number[] = []
  const element = (ref: number): object => {
    const known = all[ref - first]
    if (known !== undefined) return known
    if (ref < first)
      throw new Error(`plain view: ${ref} is no reference into this array, it starts at ${first}.`)
    while (all.length <= ref - first) {
      refs.push(first + all.length)
      all.push(make())
    }
    return all[ref - first]!
  }
  if (length > 0) element(first + length - 1)
  return Object.assign(element, { all, refs })
}

class PlainList {
  private items: number[] = []
  readonly capacity = Infinity
  get length(): number {
    return this.items.length
  }
  at(index: number): number {
    return this.items[index] ?? NONE
  }
  push(value: number): void {
    this.items.push(value)
  }
  pop(): number {
    return this.items.pop() ?? NONE
  }
  shift(): number {
    return this.items.shift() ?? NONE
  }
  remove(value: number): boolean {
    const at = this.items.indexOf(value)
    if (at >= 0) this.items.splice(at, 1)
    return at >= 0
  }
  has(value: number): boolean {
    return this.items.includes(value)
  }
  clear(): void {
    this.items = []
  }
  toArray(): number[] {
    return [...this.items]
  }
}

class PlainSet {
  private readonly members = new Set<number>()
  /** Members below 32, as a bit mask. */
  get mask(): number {
    let mask = 0
    for (const member of this.members) if (member < 32) mask |= 1 << member
    return mask >>> 0
  }
  set mask(mask: number) {
    this.members.clear()
    for (let member = 0; member < 32; member += 1)
      if ((mask >>> member) & 1) this.members.add(member)
  }
  get isEmpty(): boolean {
    return this.members.size === 0
  }
  has(value: number): boolean {
    return this.members.has(value)
  }
  add(value: number): void {
    this.members.add(value)
  }
  delete(value: number): void {
    this.members.delete(value)
  }
  toArray(): number[] {
    return [...this.members].sort((a, b) => a - b)
  }
}
