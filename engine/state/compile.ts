/**
 * Turns declared records into classes whose accessors are literal shifts and masks. The source text
 * is built from the declaration alone; nothing is ever read back from a function's text.
 */
import type {
  ArrayDecl,
  Fields,
  ListDecl,
  RecordDecl,
  Scalar,
  SetDecl,
  SlotValue,
} from './declare.ts'
import { bitsFor } from './declare.ts'
import type { Base, Footprint } from './footprint.ts'
import { cannotHold, leftOut, noElement, unknownFields, type Held } from './layout-says.ts'
import { ListView, SetView } from './packed-views.ts'

/** Where one scalar lives: `(words[word] >>> shift) & mask`. */
export interface Slot {
  readonly path: string
  readonly word: number
  readonly shift: number
  readonly mask: number
  /** The domain this scalar refers into, if it is a reference (stored plus one) or a set (a bit mask). */
  readonly domain?: string
  readonly set?: boolean
  /** The members of domains whose records it lies in, outermost first. */
  readonly within: readonly { readonly domain: string; readonly index: number }[]
  readonly decode: (raw: number) => SlotValue
}
/** A place in a vector: a word and a bit in it. A record of several words always starts at bit 0. */
export interface Place {
  readonly word: number
  readonly shift: number
}
/** Where the members of a domain have their records. */
export interface Block {
  readonly domain: string
  readonly places: readonly Place[]
  /** Bits of each, when it fits in a word; otherwise 32 for each of its words. */
  readonly bits: number
}
export type Bases = ReadonlyMap<string, Base>
const ORDINARY: Base = { first: 0 }
const baseOf = (bases: Bases, domain: string | undefined): Base =>
  (domain === undefined ? undefined : bases.get(domain)) ?? ORDINARY

interface Compiled {
  /** Bits taken when everything fits in one word; otherwise 32 for each of `words`. */
  readonly bits: number
  readonly words: number
  bind(words: Uint32Array, base: Place, footprint?: Footprint): unknown
  slots(base: Place, path: string): Slot[]
  blocks(base: Place): Block[]
}
/** One field of a record, placed relative to the record. */
interface Part extends Pick<Compiled, 'slots' | 'blocks'> {
  readonly name: string
  bind(words: Uint32Array, base: Place, footprint?: Footprint): unknown
}

const noBlocks = (): Block[] => []
const maskOf = (bits: number): number => (bits === 32 ? 0xffffffff : 2 ** bits - 1)
const offset = (base: Place, at: Place): Place => ({
  word: base.word + at.word,
  shift: base.shift + at.shift,
})

/** Puts what fits in one word into the first word with room, and what does not into words of its own. */
class Packer {
  private readonly used: number[] = []
  place(bits: number): Place {
    let word = this.used.findIndex((used) => used + bits <= 32)
    if (word === -1) word = this.used.push(0) - 1
    const shift = this.used[word]!
    this.used[word] = shift + bits
    return { word, shift }
  }
  block(words: number): Place {
    const word = this.used.length
    for (let i = 0; i < words; i += 1) this.used.push(32)
    return { word, shift: 0 }
  }
  room(it: { bits: number; words: number }): Place {
    return it.words > 1 ? this.block(it.words) : this.place(it.bits)
  }
  get words(): number {
    return this.used.length
  }
  get bits(): number {
    return this.used.length > 1 ? this.used.length * 32 : (this.used[0] ?? 0)
  }
}

function accessors(
  path: string,
  name: string,
  field: Scalar<unknown>,
  at: Place,
  tables: unknown[],
  base: Base,
  noting: boolean,
): string {
  const { first } = base
  const word = `this.$w[this.$o+${at.word}]`
  const shift = `(this.$s+${at.shift})`
  const mask = maskOf(field.bits)
  const whole = field.bits === 32
  const raw = whole ? word : `((${word}>>>${shift})&${mask})`
  const note = (what: string): string =>
    noting ? `this.${what}[this.$o+${at.word}]|=${mask}<<${shift};` : ''
  const store = (value: string): string =>
    note('$r') +
    note('$t') +
    (whole
      ? `${word}=${value}`
      : `{const i=this.$o+${at.word},b=${shift};this.$w[i]=(this.$w[i]&~(${mask}<<b))|((${value})<<b)}`)
  const checked = (value: string): string =>
    `const n=${value};if((n>>>0)!==n||n>${field.max})refuse(${tables.push({ path, field, base }) - 1},v);${store('n')}`
  const get = (text: string, whole = false): string =>
    `get ${name}(){${note('$r')}${whole ? text : `return ${text}`}}\n`
  const put = (statements: string): string => `set ${name}(v){${statements}}\n`
  switch (field.type) {
    case 'uint':
      return get(raw) + put(checked('v'))
    case 'counter':
      return get(raw) + put(store(whole ? 'v' : `v&${mask}`))
    case 'flag':
      return get(`${raw}!==0`) + put(store('v?1:0'))
    case 'ref':
      if (first === 0) return get(`${raw}-1`) + put(checked('v+1'))
      return (
        get(`const r=${raw};return r===0?-1:r+(${first - 1})`, true) +
        put(checked(`v===-1?0:v-(${first - 1})`))
      )
    case 'fixed':
      tables.push(field.value)
      return field.forgets === true
        ? `get ${name}(){return t[${tables.length - 1}]}\nset ${name}(v){}\n`
        : `get ${name}(){return t[${tables.length - 1}]}\nset ${name}(v){if(v!==t[${tables.length - 1}])leftOut(${JSON.stringify(path)},v,t[${tables.length - 1}])}\n`
    case 'oneOf': {
      const names = field.names!
      tables.push(names, new Map(names.map((it, i) => [it, i])))
      const t = tables.length
      return get(`t[${t - 2}][${raw}]`) + put(`const k=t[${t - 1}].get(v)??-1;${checked('k')}`)
    }
  }
}

function decoder(field: Scalar<unknown>): (raw: number) => SlotValue {
  if (field.type === 'flag') return (raw) => raw === 1
  if (field.type === 'ref') return (raw) => (raw === 0 ? null : raw - 1)
  if (field.type === 'oneOf') return (raw) => field.names![raw] ?? `?${raw}`
  return (raw) => raw
}

/** The length, then the items, stored plus one, all of one width. */
function listPart(name: string, decl: ListDecl<string>, packer: Packer, members: Base): Part {
  const width = Math.max(bitsFor(decl.size), bitsFor(decl.capacity))
  const count = decl.capacity + 1
  const perWord = width * count <= 32 ? count : Math.floor(32 / width)
  const words = Math.ceil(count / perWord)
  const at = packer.room({ bits: width * count, words })
  return {
    name,
    bind: (vector, base, footprint) => {
      const { word, shift } = offset(base, at)
      const { capacity, size } = decl
      return new ListView({
        vector,
        footprint,
        word,
        shift,
        width,
        perWord,
        capacity,
        members,
        size,
        name,
        domain: decl.domain,
      })
    },
    blocks: noBlocks,
    slots: (base, path) => {
      const { word, shift } = offset(base, at)
      return Array.from({ length: count }, (_, i) => ({
        path: i === 0 ? `${path}.length` : `${path}[${i - 1}]`,
        word: word + Math.floor(i / perWord),
        shift: shift + (i % perWord) * width,
        mask: maskOf(width),
        ...(i === 0 ? {} : { domain: decl.domain }),
        within: [],
        decode: i === 0 ? (raw: number) => raw : (raw: number) => (raw === 0 ? null : raw - 1),
      }))
    },
  }
}

function setPart(name: string, decl: SetDecl<string>, packer: Packer, members: Base): Part {
  const bits = Math.max(decl.size, 1)
  const at = packer.place(bits)
  return {
    name,
    bind: (vector, base, footprint) => {
      const { word, shift } = offset(base, at)
      return new SetView({
        vector,
        footprint,
        word,
        shift,
        members,
        size: bits,
        name,
        domain: decl.domain,
      })
    },
    blocks: noBlocks,
    slots: (base, path) => [
      {
        path,
        ...offset(base, at),
        mask: maskOf(bits),
        domain: decl.domain,
        set: true,
        within: [],
        decode: (raw) => raw,
      },
    ],
  }
}

function arrayPart(
  name: string,
  decl: ArrayDecl<Fields>,
  packer: Packer,
  path: string,
  bases: Bases,
): Part {
  const element = compileRecord(`${path}[]`, decl.of, bases)
  const members = baseOf(bases, decl.domain)
  const { first } = members
  const places = Array.from({ length: decl.length }, () => packer.room(element))
  return {
    name,
    bind: (vector, base, footprint) => {
      const all = places.map((at) => element.bind(vector, offset(base, at), footprint))
      const at = (ref: number): unknown =>
        all[ref - first] ??
        noElement({ name, domain: decl.domain, members, length: all.length }, ref)
      return Object.assign(at, { all, refs: all.map((_, i) => first + i) })
    },
    blocks: (base) => [
      {
        domain: decl.domain,
        places: places.map((at) => offset(base, at)),
        bits: element.bits,
      },
      ...places.flatMap((at) => element.blocks(offset(base, at))),
    ],
    slots: (base, at) =>
      places.flatMap((place, index) =>
        element
          .slots(offset(base, place), `${at}[${index}]`)
          .map((slot) => ({ ...slot, within: [{ domain: decl.domain, index }, ...slot.within] })),
      ),
  }
}

function recordPart(
  name: string,
  decl: RecordDecl<Fields>,
  packer: Packer,
  path: string,
  bases: Bases,
): Part {
  const inner = compileRecord(path, decl, bases)
  const at = packer.room(inner)
  return {
    name,
    bind: (vector, base, footprint) => inner.bind(vector, offset(base, at), footprint),
    blocks: (base) => inner.blocks(offset(base, at)),
    slots: (base, where) => inner.slots(offset(base, at), where),
  }
}

export function compileRecord(path: string, decl: RecordDecl<Fields>, bases: Bases): Compiled {
  const packer = new Packer()
  const tables: unknown[] = []
  const parts: Part[] = []
  const scalars: Pick<Compiled, 'slots'>[] = []
  let source = ''
  let notingSource = ''
  for (const [name, field] of Object.entries(decl.fields)) {
    const where = `${path}.${name}`
    if (field.kind === 'list')
      parts.push(listPart(name, field, packer, baseOf(bases, field.domain)))
    else if (field.kind === 'set')
      parts.push(setPart(name, field, packer, baseOf(bases, field.domain)))
    else if (field.kind === 'array') parts.push(arrayPart(name, field, packer, where, bases))
    else if (field.kind === 'record') parts.push(recordPart(name, field, packer, where, bases))
    else {
      const at = packer.place(field.bits)
      const members = baseOf(bases, field.domain)
      source += accessors(where, name, field, at, tables, members, false)
      notingSource += accessors(where, name, field, at, tables, members, true)
      if (field.type !== 'fixed') scalars.push(scalarSlot(name, field, at))
    }
  }
  type Class = new (
    w: Uint32Array,
    o: number,
    s: number,
    r?: Uint32Array,
    t?: Uint32Array,
  ) => object
  // Each is defined, not set: behind the accessors lies what refuses fields there are not.
  const classOf = (given: string, body: string): Class =>
    // oxlint-disable-next-line typescript/no-implied-eval -- accessors are generated from the declaration so that each is one load, shift and mask
    new Function(
      't',
      'refuse',
      'leftOut',
      `const d=Object.defineProperty;return class{constructor(${given}){${given
        .split(',')
        .map((it) => `d(this,'$${it}',{value:${it}});`)
        .join('')}}\n${body}}`,
    )(tables, (at: number, value: unknown) => cannotHold(tables[at] as Held, value), leftOut)
  const Plain = classOf('w,o,s', source)
  const Noting = classOf('w,o,s,r,t', notingSource)
  const strangers = unknownFields(path, Object.keys(decl.fields))
  for (const it of [Plain, Noting]) Object.setPrototypeOf(it.prototype, strangers)
  return {
    words: packer.words,
    bits: packer.bits,
    bind: (vector, base, footprint) => {
      const { word, shift } = base
      const view =
        footprint === undefined
          ? new Plain(vector, word, shift)
          : new Noting(vector, word, shift, footprint.read, footprint.written)
      for (const part of parts)
        Object.defineProperty(view, part.name, {
          value: part.bind(vector, base, footprint),
          enumerable: true,
        })
      return view
    },
    slots: (base, at) => [
      ...scalars.flatMap((scalar) => scalar.slots(base, at)),
      ...parts.flatMap((part) => part.slots(base, `${at}.${part.name}`)),
    ],
    blocks: (base) => parts.flatMap((part) => part.blocks(base)),
  }
}

const scalarSlot = (name: string, field: Scalar<unknown>, at: Place): Pick<Compiled, 'slots'> => ({
  slots: (base, path) => [
    {
      path: `${path}.${name}`,
      ...offset(base, at),
      mask: maskOf(field.bits),
      ...(field.domain === undefined ? {} : { domain: field.domain }),
      within: [],
      decode: decoder(field),
    },
  ],
})
