/**
 * Classes whose accessors are literal shifts and masks. The source text is built from the declaration
 * alone; nothing is ever read back from a function's text.
 */
import type { Scalar } from './declare.ts'
import type { Base } from './footprint.ts'
import { cannotHold, leftOut, unknownFields, type Held } from './layout-says.ts'
import { maskOf, type Place } from './packer.ts'

/** A scalar field of a record, placed relative to it. */
export interface Placed {
  readonly name: string
  /** From the root, for people. */
  readonly path: string
  readonly field: Scalar<unknown>
  readonly at: Place
  /** What it refers into, if it is a reference. */
  readonly base: Base
}
/** Views of a record that lies at bit `s` of word `o` of `w`; `r` and `t`: where reads and writes are noted. */
export interface Views {
  readonly Plain: new (w: Uint32Array, o: number, s: number) => object
  readonly Noting: new (
    w: Uint32Array,
    o: number,
    s: number,
    r: Uint32Array,
    t: Uint32Array,
  ) => object
}

/**
 * The two classes of a record, without and with notes of what is touched.
 * @param names of all its fields, those that are not scalars included
 */
export function viewsOf(path: string, names: readonly string[], scalars: readonly Placed[]): Views {
  const tables: unknown[] = []
  const textOf = (noting: boolean): string =>
    scalars.map((it) => new Accessors(it, tables, noting).text()).join('')
  const strangers = unknownFields(path, names)
  // Each is defined, not set: behind the accessors lies what refuses fields there are not.
  const classOf = (given: string, body: string): { prototype: object } => {
    const its = given.split(',').map((it) => `d(this,'$${it}',{value:${it}});`)
    // oxlint-disable-next-line typescript/no-implied-eval -- accessors are generated from the declaration so that each is one load, shift and mask
    const made = new Function(
      't',
      'refuse',
      'leftOut',
      `const d=Object.defineProperty;return class{constructor(${given}){${its.join('')}}\n${body}}`,
    )(tables, (at: number, value: unknown) => cannotHold(tables[at] as Held, value), leftOut) as {
      prototype: object
    }
    Object.setPrototypeOf(made.prototype, strangers)
    return made
  }
  return {
    Plain: classOf('w,o,s', textOf(false)) as Views['Plain'],
    Noting: classOf('w,o,s,r,t', textOf(true)) as Views['Noting'],
  }
}

/** The text of the getter and the setter of one field. */
class Accessors {
  private readonly placed: Placed
  private readonly tables: unknown[]
  private readonly noting: boolean
  private readonly mask: number
  private readonly whole: boolean
  private readonly word: string
  private readonly shift: string

  /** @param tables values that the text refers to, by their index in `t` */
  constructor(placed: Placed, tables: unknown[], noting: boolean) {
    const { field, at } = placed
    this.placed = placed
    this.tables = tables
    this.noting = noting
    this.mask = maskOf(field.bits)
    this.whole = field.bits === 32
    this.word = `this.$w[this.$o+${at.word}]`
    this.shift = `(this.$s+${at.shift})`
  }

  text(): string {
    const { field } = this.placed
    switch (field.type) {
      case 'uint':
        return this.get(this.raw) + this.set(this.checked('v'))
      case 'counter':
        return this.get(this.raw) + this.set(this.store(this.whole ? 'v' : `v&${this.mask}`))
      case 'flag':
        return this.get(`${this.raw}!==0`) + this.set(this.store('v?1:0'))
      case 'ref':
        return this.ref()
      case 'fixed':
        return this.fixed()
      case 'oneOf':
        return this.oneOf()
    }
  }
  private ref(): string {
    const { first } = this.placed.base
    if (first === 0) return this.get(`${this.raw}-1`) + this.set(this.checked('v+1'))
    return (
      this.getter(`const r=${this.raw};return r===0?-1:r+(${first - 1})`) +
      this.set(this.checked(`v===-1?0:v-(${first - 1})`))
    )
  }
  /** A field that the scope leaves out takes no bits: nothing is noted. */
  private fixed(): string {
    const { name, path, field } = this.placed
    const value = `t[${this.tables.push(field.value) - 1}]`
    const refused = `if(v!==${value})leftOut(${JSON.stringify(path)},v,${value})`
    return `get ${name}(){return ${value}}\n${this.set(field.forgets === true ? '' : refused)}`
  }
  private oneOf(): string {
    const names = this.placed.field.names!
    const t = this.tables.push(names, new Map(names.map((it, i) => [it, i])))
    const value = `t[${t - 2}][${this.raw}]`
    return this.get(value) + this.set(`const k=t[${t - 1}].get(v)??-1;${this.checked('k')}`)
  }

  private get raw(): string {
    return this.whole ? this.word : `((${this.word}>>>${this.shift})&${this.mask})`
  }
  private get(value: string): string {
    return this.getter(`return ${value}`)
  }
  private getter(statements: string): string {
    return `get ${this.placed.name}(){${this.note('$r')}${statements}}\n`
  }
  private set(statements: string): string {
    return `set ${this.placed.name}(v){${statements}}\n`
  }
  private note(what: string): string {
    const { word } = this.placed.at
    return this.noting ? `this.${what}[this.$o+${word}]|=${this.mask}<<${this.shift};` : ''
  }
  private store(value: string): string {
    const { word } = this.placed.at
    const put = this.whole
      ? `${this.word}=${value}`
      : `{const i=this.$o+${word},b=${this.shift};this.$w[i]=(this.$w[i]&~(${this.mask}<<b))|((${value})<<b)}`
    return this.note('$r') + this.note('$t') + put
  }
  private checked(value: string): string {
    const { path, field, base } = this.placed
    const held = this.tables.push({ path, field, base } satisfies Held) - 1
    return `const n=${value};if((n>>>0)!==n||n>${field.max})refuse(${held},v);${this.store('n')}`
  }
}
