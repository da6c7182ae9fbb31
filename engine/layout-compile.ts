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
import { ListView, SetView } from './layout-views.ts'

/** Where one scalar lives: `(words[word] >>> shift) & mask`. */
export interface Slot {
  readonly path: string
  readonly word: number
  readonly shift: number
  readonly mask: number
  /** The domain this scalar refers into, if it is a reference (stored plus one) or a set (a bit mask). */
  readonly domain?: string
  readonly set?: boolean
  readonly decode: (raw: number) => SlotValue
}
/** A place in a vector: a word and a bit in it. A record of several words always starts at bit 0. */
interface Place {
  readonly word: number
  readonly shift: number
}
interface Compiled {
  /** Bits taken when everything fits in one word; otherwise 32 for each of `words`. */
  readonly bits: number
  readonly words: number
  bind(words: Uint32Array, base: Place): unknown
  slots(base: Place, path: string): Slot[]
}
/** One field of a record, placed relative to the record. */
interface Part extends Pick<Compiled, 'slots'> {
  readonly name: string
  bind(words: Uint32Array, base: Place): unknown
}

const maskOf = (bits: number): number => (bits === 32 ? 0xffffffff : 2 ** bits - 1)
const offset = (base: Place, at: Place): Place => ({
  word: base.word + at.word,
  shift: base.shift + at.shift,
})

function refuse(path: string, value: unknown, max: number): never {
  throw new Error(
    `layout: ${path} cannot hold ${String(value)} (0..${max}). Widen the field in the scope, or fix the step that wrote it.`,
  )
}

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
): string {
  const word = `this.$w[this.$o+${at.word}]`
  const shift = `(this.$s+${at.shift})`
  const mask = maskOf(field.bits)
  const whole = field.bits === 32
  const raw = whole ? word : `((${word}>>>${shift})&${mask})`
  const store = (value: string): string =>
    whole
      ? `${word}=${value}`
      : `{const i=this.$o+${at.word},b=${shift};this.$w[i]=(this.$w[i]&~(${mask}<<b))|((${value})<<b)}`
  const checked = (value: string): string =>
    `const n=${value};if((n>>>0)!==n||n>${field.max})refuse(${JSON.stringify(path)},v,${field.max});${store('n')}`
  const get = (expression: string): string => `get ${name}(){return ${expression}}\n`
  const put = (statements: string): string => `set ${name}(v){${statements}}\n`
  switch (field.type) {
    case 'uint':
      return get(raw) + put(checked('v'))
    case 'counter':
      return get(raw) + put(store(whole ? 'v' : `v&${mask}`))
    case 'flag':
      return get(`${raw}!==0`) + put(store('v?1:0'))
    case 'ref':
      return get(`${raw}-1`) + put(checked('v+1'))
    case 'fixed':
      tables.push(field.value)
      return get(`t[${tables.length - 1}]`) + put('')
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

/** The length, then the items, all of one width. */
function listPart(name: string, decl: ListDecl<string>, packer: Packer): Part {
  const width = Math.max(bitsFor(Math.max(decl.size - 1, 0)), bitsFor(decl.capacity))
  const count = decl.capacity + 1
  const perWord = width * count <= 32 ? count : Math.floor(32 / width)
  const words = Math.ceil(count / perWord)
  const at = packer.room({ bits: width * count, words })
  return {
    name,
    bind: (vector, base) => {
      const { word, shift } = offset(base, at)
      return new ListView(vector, word, shift, width, perWord, decl.capacity, decl.size, name)
    },
    slots: (base, path) => {
      const { word, shift } = offset(base, at)
      return Array.from({ length: count }, (_, i) => ({
        path: i === 0 ? `${path}.length` : `${path}[${i - 1}]`,
        word: word + Math.floor(i / perWord),
        shift: shift + (i % perWord) * width,
        mask: maskOf(width),
        ...(i === 0 ? {} : { domain: decl.domain }),
        decode: (raw: number) => raw,
      }))
    },
  }
}

function setPart(name: string, decl: SetDecl<string>, packer: Packer): Part {
  const bits = Math.max(decl.size, 1)
  const at = packer.place(bits)
  return {
    name,
    bind: (vector, base) => {
      const { word, shift } = offset(base, at)
      return new SetView(vector, word, shift, bits, name)
    },
    slots: (base, path) => [
      {
        path,
        ...offset(base, at),
        mask: maskOf(bits),
        domain: decl.domain,
        set: true,
        decode: (raw) => raw,
      },
    ],
  }
}

function arrayPart(name: string, decl: ArrayDecl<Fields>, packer: Packer, path: string): Part {
  const element = compileRecord(`${path}[]`, decl.of)
  const places = Array.from({ length: decl.length }, () => packer.room(element))
  return {
    name,
    bind: (vector, base) => {
      const all = places.map((at) => element.bind(vector, offset(base, at)))
      return Object.assign((index: number) => all[index] ?? refuse(name, index, all.length - 1), {
        all,
      })
    },
    slots: (base, at) =>
      places.flatMap((place, i) => element.slots(offset(base, place), `${at}[${i}]`)),
  }
}

function recordPart(name: string, decl: RecordDecl<Fields>, packer: Packer, path: string): Part {
  const inner = compileRecord(path, decl)
  const at = packer.room(inner)
  return {
    name,
    bind: (vector, base) => inner.bind(vector, offset(base, at)),
    slots: (base, where) => inner.slots(offset(base, at), where),
  }
}

export function compileRecord(path: string, decl: RecordDecl<Fields>): Compiled {
  const packer = new Packer()
  const tables: unknown[] = []
  const parts: Part[] = []
  const scalars: Pick<Compiled, 'slots'>[] = []
  let source = ''
  for (const [name, field] of Object.entries(decl.fields)) {
    const where = `${path}.${name}`
    if (field.kind === 'list') parts.push(listPart(name, field, packer))
    else if (field.kind === 'set') parts.push(setPart(name, field, packer))
    else if (field.kind === 'array') parts.push(arrayPart(name, field, packer, where))
    else if (field.kind === 'record') parts.push(recordPart(name, field, packer, where))
    else {
      const at = packer.place(field.bits)
      source += accessors(where, name, field, at, tables)
      if (field.type !== 'fixed') scalars.push(scalarSlot(name, field, at))
    }
  }
  // oxlint-disable-next-line typescript/no-implied-eval -- accessors are generated from the declaration so that each is one load, shift and mask
  const Record = new Function(
    't',
    'refuse',
    `return class{constructor(w,o,s){this.$w=w;this.$o=o;this.$s=s}\n${source}}`,
  )(tables, refuse) as new (vector: Uint32Array, word: number, shift: number) => object
  return {
    words: packer.words,
    bits: packer.bits,
    bind: (vector, base) => {
      const view = new Record(vector, base.word, base.shift)
      for (const part of parts)
        Object.defineProperty(view, part.name, { value: part.bind(vector, base), enumerable: true })
      return view
    },
    slots: (base, at) => [
      ...scalars.flatMap((scalar) => scalar.slots(base, at)),
      ...parts.flatMap((part) => part.slots(base, `${at}.${part.name}`)),
    ],
  }
}

const scalarSlot = (name: string, field: Scalar<unknown>, at: Place): Pick<Compiled, 'slots'> => ({
  slots: (base, path) => [
    {
      path: `${path}.${name}`,
      ...offset(base, at),
      mask: maskOf(field.bits),
      ...(field.domain === undefined ? {} : { domain: field.domain }),
      decode: decoder(field),
    },
  ],
})
