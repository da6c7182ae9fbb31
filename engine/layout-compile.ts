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
interface Compiled {
  readonly words: number
  bind(words: Uint32Array, offset: number): unknown
  slots(offset: number): Slot[]
}
type Place = { name: string; word: number; shift: number }

const maskOf = (bits: number): number => (bits === 32 ? 0xffffffff : 2 ** bits - 1)

function refuse(path: string, value: unknown, max: number): never {
  throw new Error(
    `layout: ${path} cannot hold ${String(value)} (0..${max}). Widen the field in the scope, or fix the step that wrote it.`,
  )
}

function accessors(path: string, field: Scalar<unknown>, at: Place, tables: unknown[]): string {
  const word = `this.w[this.o+${at.word}]`
  const mask = maskOf(field.bits)
  const hole = `~${(mask << at.shift) | 0}`
  const raw = field.bits === 32 ? word : `((${word}>>>${at.shift})&${mask})`
  const store = (value: string): string =>
    field.bits === 32
      ? `${word}=${value}`
      : `{const i=this.o+${at.word};this.w[i]=(this.w[i]&${hole})|((${value})<<${at.shift})}`
  const checked = (value: string): string =>
    `const n=${value};if(!(n>=0&&n<=${field.max}))refuse(${JSON.stringify(path)},v,${field.max});${store('n')}`
  const get = (body: string): string => `get ${at.name}(){return ${body}}\n`
  const put = (body: string): string => `set ${at.name}(v){${body}}\n`
  switch (field.type) {
    case 'uint':
      return get(raw) + put(checked('v'))
    case 'counter':
      return get(raw) + put(store(field.bits === 32 ? 'v' : `v&${mask}`))
    case 'flag':
      return get(`${raw}!==0`) + put(store('v?1:0'))
    case 'ref':
      return get(`${raw}-1`) + put(checked('v+1'))
    case 'oneOf': {
      const names = field.names!
      const index = new Map(names.map((name, i) => [name, i]))
      tables.push(names, index)
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

/** Packs fields in order; a field that does not fit in what is left of a word starts the next one. */
class Packer {
  word = 0
  shift = 0
  place(name: string, bits: number): Place {
    if (this.shift + bits > 32) this.align()
    const at = { name, word: this.word, shift: this.shift }
    this.shift += bits
    return at
  }
  align(): void {
    if (this.shift === 0) return
    this.word += 1
    this.shift = 0
  }
  block(words: number): number {
    this.align()
    const at = this.word
    this.word += words
    return at
  }
}

type Part = {
  name: string
  bind: (words: Uint32Array, offset: number) => unknown
  slots: (offset: number, path: string) => Slot[]
}

function listPart(name: string, decl: ListDecl<string>, packer: Packer): Part {
  const width = Math.max(bitsFor(Math.max(decl.size - 1, 0)), bitsFor(decl.capacity))
  const inOneWord = width * (decl.capacity + 1) <= 32
  const perWord = inOneWord ? decl.capacity + 1 : Math.floor(32 / width)
  const at = inOneWord
    ? packer.place(name, width * (decl.capacity + 1))
    : { name, word: packer.block(Math.ceil((decl.capacity + 1) / perWord)), shift: 0 }
  const slot = (offset: number, path: string, i: number): Slot => ({
    path: i === 0 ? `${path}.length` : `${path}[${i - 1}]`,
    word: offset + at.word + Math.floor(i / perWord),
    shift: at.shift + (i % perWord) * width,
    mask: maskOf(width),
    ...(i === 0 ? {} : { domain: decl.domain }),
    decode: (raw) => raw,
  })
  return {
    name,
    bind: (words, offset) =>
      new ListView(words, offset + at.word, at.shift, width, perWord, decl.capacity, name),
    slots: (offset, path) =>
      Array.from({ length: decl.capacity + 1 }, (_, i) => slot(offset, path, i)),
  }
}

function setPart(name: string, decl: SetDecl<string>, packer: Packer): Part {
  const bits = Math.max(decl.size, 1)
  const at = packer.place(name, bits)
  return {
    name,
    bind: (words, offset) => new SetView(words, offset + at.word, at.shift, maskOf(bits)),
    slots: (offset, path) => [
      {
        path,
        word: offset + at.word,
        shift: at.shift,
        mask: maskOf(bits),
        domain: decl.domain,
        set: true,
        decode: (raw) => raw,
      },
    ],
  }
}

function arrayPart(name: string, decl: ArrayDecl<Fields>, packer: Packer, path: string): Part {
  const element = compileRecord(`${path}${name}[]`, decl.of)
  const base = packer.block(element.words * decl.length)
  const offsets = Array.from({ length: decl.length }, (_, i) => base + i * element.words)
  return {
    name,
    bind: (words, offset) => {
      const all = offsets.map((o) => element.bind(words, offset + o))
      return Object.assign((index: number) => all[index] ?? refuse(name, index, all.length - 1), {
        all,
      })
    },
    slots: (offset, at) =>
      offsets.flatMap((o, i) =>
        element.slots(offset + o).map((slot) => ({ ...slot, path: `${at}[${i}]${slot.path}` })),
      ),
  }
}

export function compileRecord(path: string, decl: RecordDecl<Fields>): Compiled {
  const packer = new Packer()
  const tables: unknown[] = []
  const parts: Part[] = []
  const scalars: { at: Place; field: Scalar<unknown> }[] = []
  let source = ''
  for (const [name, field] of Object.entries(decl.fields)) {
    const where = `${path}.${name}`
    if (field.kind === 'scalar') {
      const at = packer.place(name, field.bits)
      scalars.push({ at, field })
      source += accessors(where, field, at, tables)
    } else if (field.kind === 'list') parts.push(listPart(name, field, packer))
    else if (field.kind === 'set') parts.push(setPart(name, field, packer))
    else if (field.kind === 'array') parts.push(arrayPart(name, field, packer, `${path}.`))
    else {
      const inner = compileRecord(where, field)
      const base = packer.block(inner.words)
      parts.push({
        name,
        bind: (words, offset) => inner.bind(words, offset + base),
        slots: (offset, at) =>
          inner.slots(offset + base).map((slot) => ({ ...slot, path: at + slot.path })),
      })
    }
  }
  packer.align()
  // oxlint-disable-next-line typescript/no-implied-eval -- accessors are generated from the declaration so that each is one load, shift and mask
  const Record = new Function(
    't',
    'refuse',
    `return class{constructor(w,o){this.w=w;this.o=o}\n${source}}`,
  )(tables, refuse) as new (words: Uint32Array, offset: number) => object
  return {
    words: packer.word,
    bind: (words, offset) => {
      const view = new Record(words, offset)
      for (const part of parts)
        Object.defineProperty(view, part.name, {
          value: part.bind(words, offset),
          enumerable: true,
        })
      return view
    },
    slots: (offset) => [
      ...scalars.map(({ at, field }) => ({
        path: `.${at.name}`,
        word: offset + at.word,
        shift: at.shift,
        mask: maskOf(field.bits),
        ...(field.domain === undefined ? {} : { domain: field.domain }),
        decode: decoder(field),
      })),
      ...parts.flatMap((part) => part.slots(offset, `.${part.name}`)),
    ],
  }
}
