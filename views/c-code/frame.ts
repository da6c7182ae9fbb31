/** What a function is told about where it stands while it becomes C. */
import type { Statement } from 'acorn'
import type { AnyNode, CallExpression, FunctionNode, How } from './syntax.ts'
import type { Expr, Known, Stmt } from './tree.ts'

/** A function as its author wrote it. */
export interface Source {
  readonly name: string
  readonly node: FunctionNode
  /** The text the node was parsed from. */
  readonly text: string
  /** Comments of that text. */
  readonly comments: readonly Comment[]
  /** Where it stands, from the root of the sources; empty when that is not known. */
  readonly file: string
  /** Of which class it is a method. */
  readonly owner?: string
  /** What its author says of it. */
  readonly doc?: string
}
export interface Comment {
  readonly text: string
  readonly start: number
  readonly end: number
  /** It stands alone between two statements, or at the end of a line of code. */
  readonly block: boolean
}

/** The world a function is printed for, and the words of its subject. */
export interface Setting {
  /** What `this.a.b` is, as far as it cannot change. */
  constant(path: readonly string[]): Known | undefined
  /** A condition that was decided by constants alone. */
  decided(text: string, value: boolean): void
  /** The function that a call in `from` means. */
  callee(how: How, name: string, from: Source): Source | undefined
  /** It is printed where it is called, when its text allows that: nobody knows it by name. */
  expands(source: Source): boolean
  /** A call that stays a call. */
  called(source: Source): void
  /** Whose function it is, said where it is printed inside another one. */
  origin(source: Source): string | undefined
  /** Steps on this detail are there. */
  details(of: string): boolean
  readonly spelling: Spelling
}
export interface Spelling {
  /** Names of numbers that a scope sets, by the property that holds them. */
  readonly bounds: Readonly<Record<string, string>>
  /** What "none" is called where a variable of this name is compared with it; undefined: it is tested with `!`. */
  none(variable: string): string | undefined
  /** Fields that have another name in C. */
  readonly fields: Readonly<Record<string, string>>
}
export const plainSpelling: Spelling = { bounds: {}, none: () => undefined, fields: {} }

/** How nodes become C; given along, as calls, blocks and expressions hold each other. */
export interface Lowering {
  value(node: AnyNode, frame: Frame): Expr
  call(node: CallExpression, frame: Frame): Expr
  block(nodes: readonly Statement[], frame: Frame): readonly Stmt[]
}
export interface Frame {
  readonly to: Lowering
  readonly setting: Setting
  readonly source: Source
  /** Parameters and renamed variables. */
  readonly names: Map<string, Expr>
  /** Which parameters have a value. */
  readonly given: ReadonlyMap<string, boolean>
  /** Names that the C function has already. */
  readonly taken: Set<string>
  /** What returning means here. */
  readonly leave: (value: Expr | undefined) => readonly Stmt[]
  /** Statements that run before the one being made; undefined where none can. */
  before: Stmt[] | undefined
  /** The statement being made is the last of its function. */
  tail: boolean
  /** Functions that are being printed inside each other. */
  readonly inside: readonly Source[]
  /** Inside a step: the name of what it is given. */
  readonly world?: string
}

const named = (param: AnyNode): readonly string[] =>
  param.type === 'Identifier' ? [param.name] : []
export const frameOf = (source: Source, setting: Setting, to: Lowering): Frame => ({
  to,
  setting,
  source,
  names: new Map(),
  given: new Map(source.node.params.flatMap(named).map((it) => [it, true])),
  taken: new Set(),
  leave: (value) => [{ is: 'return', value }],
  before: undefined,
  tail: false,
  inside: [source],
})
