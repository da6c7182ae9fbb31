/** Places the fields of declared records in a vector, and makes views of them. */
import { viewsOf, type Placed, type Views } from './accessors.ts'
import type {
  ArrayDecl,
  Decl,
  Fields,
  ListDecl,
  RecordDecl,
  Scalar,
  SetDecl,
  SlotValue,
} from './declare.ts'
import { bitsFor } from './declare.ts'
import type { Base, Footprint } from './footprint.ts'
import { noElement } from './layout-says.ts'
import { ListView, SetView } from './packed-views.ts'
import { maskOf, offset, Packer, type Place } from './packer.ts'

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
  const parts: Part[] = []
  const scalars: Placed[] = []
  for (const [name, field] of Object.entries(decl.fields))
    if (field.kind === 'scalar')
      scalars.push({
        name,
        path: `${path}.${name}`,
        field,
        at: packer.place(field.bits),
        base: baseOf(bases, field.domain),
      })
    else parts.push(partOf(name, field, packer, `${path}.${name}`, bases))
  const views = viewsOf(path, Object.keys(decl.fields), scalars)
  return {
    words: packer.words,
    bits: packer.bits,
    bind: (vector, base, footprint) => bindTo(views, parts, vector, base, footprint),
    slots: (base, at) => [
      ...scalars.flatMap((scalar) => slotsOf(scalar, base, at)),
      ...parts.flatMap((part) => part.slots(base, `${at}.${part.name}`)),
    ],
    blocks: (base) => parts.flatMap((part) => part.blocks(base)),
  }
}

function partOf(
  name: string,
  field: Exclude<Decl, Scalar<unknown>>,
  packer: Packer,
  path: string,
  bases: Bases,
): Part {
  switch (field.kind) {
    case 'list':
      return listPart(name, field, packer, baseOf(bases, field.domain))
    case 'set':
      return setPart(name, field, packer, baseOf(bases, field.domain))
    case 'array':
      return arrayPart(name, field, packer, path, bases)
    case 'record':
      return recordPart(name, field, packer, path, bases)
  }
}

function bindTo(
  { Plain, Noting }: Views,
  parts: readonly Part[],
  vector: Uint32Array,
  base: Place,
  footprint: Footprint | undefined,
): object {
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
}

/** None for a field that the scope leaves out. */
const slotsOf = ({ name, field, at }: Placed, base: Place, path: string): Slot[] =>
  field.type === 'fixed'
    ? []
    : [
        {
          path: `${path}.${name}`,
          ...offset(base, at),
          mask: maskOf(field.bits),
          ...(field.domain === undefined ? {} : { domain: field.domain }),
          within: [],
          decode: decoder(field),
        },
      ]
