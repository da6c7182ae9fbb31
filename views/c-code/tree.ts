/** C as far as a function of steps needs it: expressions, statements, and what can be said of them. */
export type Known = boolean | number | string | null

export type Expr =
  | { readonly is: 'name'; readonly name: string }
  /** Its value is known before the function runs; `text` names a number that has a name. */
  | { readonly is: 'known'; readonly value: Known; readonly text?: string }
  /** The author's words for what a step does; `uses` are the variables its closures read. */
  | { readonly is: 'label'; readonly text: string; readonly uses: readonly string[] }
  | { readonly is: 'not'; readonly of: Expr }
  | { readonly is: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | { readonly is: 'choice'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly is: 'call'; readonly callee: Expr; readonly args: readonly Expr[] }
  | { readonly is: 'member'; readonly of: Expr; readonly op: '->' | '.'; readonly name: string }
  | { readonly is: 'index'; readonly of: Expr; readonly at: Expr }
  | { readonly is: 'set'; readonly op: string; readonly to: Expr; readonly value: Expr }
  /** `++` or `--` behind it. */
  | { readonly is: 'count'; readonly op: string; readonly of: Expr }
  /** Something is said beside it, at the end of the line. */
  | { readonly is: 'noted'; readonly of: Expr; readonly note: string }

export type Stmt =
  | { readonly is: 'do'; readonly expr: Expr }
  /** A local variable gets a value; `said`: by the label of a step, in so many words. */
  | { readonly is: 'local'; readonly name: string; readonly value: Expr; readonly said?: true }
  | {
      readonly is: 'if'
      readonly test: Expr
      readonly body: readonly Stmt[]
      readonly otherwise: readonly Stmt[]
    }
  /** Without a test it goes round until it is left. */
  | {
      readonly is: 'loop'
      /** The first line as its author has it. */
      readonly head?: string
      readonly start: readonly Stmt[]
      readonly test: Expr | undefined
      readonly next: readonly Stmt[]
      readonly body: readonly Stmt[]
    }
  | {
      readonly is: 'each'
      readonly name: string
      readonly of: Expr
      readonly body: readonly Stmt[]
    }
  | { readonly is: 'switch'; readonly of: Expr; readonly cases: readonly Case[] }
  | { readonly is: 'return'; readonly value: Expr | undefined }
  /** `break`, `continue`, `goto out`. */
  | { readonly is: 'jump'; readonly to: string }
  | { readonly is: 'target'; readonly name: string }
  | { readonly is: 'comment'; readonly text: string }

export interface Case {
  /** None: default. */
  readonly value: Expr | undefined
  readonly body: readonly Stmt[]
}

export const name = (name: string): Expr => ({ is: 'name', name })
export const known = (value: Known, text?: string): Expr => ({
  is: 'known',
  value,
  ...(text === undefined ? {} : { text }),
})
const FOLDED: Readonly<Record<string, (a: Known, b: Known) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => Number(a) < Number(b),
  '<=': (a, b) => Number(a) <= Number(b),
  '>': (a, b) => Number(a) > Number(b),
  '>=': (a, b) => Number(a) >= Number(b),
}
/** What is known on both sides is decided. */
export function binary(op: string, left: Expr, right: Expr): Expr {
  if (op === '&&') return both(left, right)
  if (op === '||') return either(left, right)
  return left.is === 'known' && right.is === 'known' && Object.hasOwn(FOLDED, op)
    ? known(FOLDED[op]!(left.value, right.value))
    : { is: 'binary', op, left, right }
}
/** "No page", "no node": what refers to nothing is false, and equal to nothing else. */
export const nothing = (text: string): Expr => known(null, text)
export const choice = (test: Expr, yes: Expr, no: Expr): Expr => {
  const decided = truthOf(test)
  return decided === undefined ? { is: 'choice', test, yes, no } : decided ? yes : no
}
export const noted = (of: Expr, note: string | undefined): Expr =>
  note === undefined ? of : { is: 'noted', of, note }
export const run = (expr: Expr): Stmt => ({ is: 'do', expr })

export const loop = (
  start: readonly Stmt[],
  test: Expr | undefined,
  next: readonly Stmt[],
  body: readonly Stmt[],
  head?: string,
): Stmt => ({ is: 'loop', start, test, next, body, ...(head === undefined ? {} : { head }) })

const OPPOSITE: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}
export function not(of: Expr): Expr {
  if (of.is === 'not') return of.of
  if (of.is === 'known') return known(!truth(of.value))
  if (of.is === 'noted') return noted(not(of.of), of.note)
  const opposite = of.is === 'binary' ? OPPOSITE[of.op] : undefined
  if (of.is === 'binary' && opposite !== undefined) return { ...of, op: opposite }
  if (of.is === 'binary' && of.op === '&&') return either(not(of.left), not(of.right))
  if (of.is === 'label' && of.text.endsWith(FAILS))
    return { ...of, text: of.text.slice(0, -FAILS.length) + SUCCEEDS }
  return { is: 'not', of }
}
/** What a call that may fail is asked. */
export const FAILS = ' fails'
const SUCCEEDS = ' succeeds'

const truth = (value: Known): boolean => Boolean(value)
/** Whether it is true, when that is known. */
export const truthOf = (expr: Expr): boolean | undefined =>
  expr.is === 'known' ? truth(expr.value) : undefined

export const both = (left: Expr, right: Expr): Expr => logical('&&', left, right, true)
export const either = (left: Expr, right: Expr): Expr => logical('||', left, right, false)
/** @param neutral the value that leaves the decision to the other side */
function logical(op: string, left: Expr, right: Expr, neutral: boolean): Expr {
  const decided = truthOf(left)
  if (decided !== undefined) return decided === neutral ? right : left
  if (truthOf(right) === neutral) return left
  // Nothing is done by the left side, and the right one decides.
  if (truthOf(right) === !neutral && isIdle(left)) return right
  return { is: 'binary', op, left, right }
}
/** Nothing is done by it. */
export const isIdle = (expr: Expr): boolean =>
  expr.is !== 'label' &&
  expr.is !== 'call' &&
  expr.is !== 'set' &&
  expr.is !== 'count' &&
  partsOf(expr).every(isIdle)

/** Expressions directly inside one. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.is) {
    case 'not':
    case 'member':
    case 'count':
    case 'noted':
      return [expr.of]
    case 'binary':
      return [expr.left, expr.right]
    case 'choice':
      return [expr.test, expr.yes, expr.no]
    case 'call':
      return [expr.callee, ...expr.args]
    case 'index':
      return [expr.of, expr.at]
    case 'set':
      return [expr.to, expr.value]
    default:
      return []
  }
}
/** The same with other expressions inside. */
export function withParts(expr: Expr, change: (part: Expr) => Expr): Expr {
  switch (expr.is) {
    case 'not':
      return not(change(expr.of))
    case 'member':
    case 'count':
    case 'noted':
      return { ...expr, of: change(expr.of) }
    case 'binary':
      return binary(expr.op, change(expr.left), change(expr.right))
    case 'choice':
      return choice(change(expr.test), change(expr.yes), change(expr.no))
    case 'call':
      return { ...expr, callee: change(expr.callee), args: expr.args.map(change) }
    case 'index':
      return { ...expr, of: change(expr.of), at: change(expr.at) }
    case 'set':
      return { ...expr, to: change(expr.to), value: change(expr.value) }
    default:
      return expr
  }
}

/** Expressions of a statement itself, in the order in which they are evaluated. */
export function expressionsOf(stmt: Stmt): readonly Expr[] {
  switch (stmt.is) {
    case 'do':
      return [stmt.expr]
    case 'local':
      return [stmt.value]
    case 'if':
      return [stmt.test]
    case 'loop':
      return stmt.test === undefined ? [] : [stmt.test]
    case 'each':
    case 'switch':
      return [stmt.of]
    case 'return':
      return stmt.value === undefined ? [] : [stmt.value]
    default:
      return []
  }
}
/** The same statement of other expressions; those inside its blocks stay. */
export function withExpressions(stmt: Stmt, change: (expr: Expr) => Expr): Stmt {
  switch (stmt.is) {
    case 'do':
      return { ...stmt, expr: change(stmt.expr) }
    case 'if':
      return { ...stmt, test: change(stmt.test) }
    case 'loop':
      return stmt.test === undefined ? stmt : { ...stmt, test: change(stmt.test) }
    case 'each':
    case 'switch':
      return { ...stmt, of: change(stmt.of) }
    case 'local':
      return { ...stmt, value: change(stmt.value) }
    case 'return':
      return stmt.value === undefined ? stmt : { ...stmt, value: change(stmt.value) }
    default:
      return stmt
  }
}
/** Lists of statements inside one. */
export function blocksOf(stmt: Stmt): readonly (readonly Stmt[])[] {
  switch (stmt.is) {
    case 'if':
      return [stmt.body, stmt.otherwise]
    case 'loop':
      return [stmt.start, stmt.next, stmt.body]
    case 'each':
      return [stmt.body]
    case 'switch':
      return stmt.cases.map(({ body }) => body)
    default:
      return []
  }
}
export function withBlocks(stmt: Stmt, change: (block: readonly Stmt[]) => readonly Stmt[]): Stmt {
  switch (stmt.is) {
    case 'if':
      return { ...stmt, body: change(stmt.body), otherwise: change(stmt.otherwise) }
    case 'loop':
      return { ...stmt, body: change(stmt.body) }
    case 'each':
      return { ...stmt, body: change(stmt.body) }
    case 'switch':
      return { ...stmt, cases: stmt.cases.map((it) => ({ ...it, body: change(it.body) })) }
    default:
      return stmt
  }
}
/** Every statement, from outside in. */
export const allOf = (block: readonly Stmt[]): readonly Stmt[] =>
  block.flatMap((stmt) => [stmt, ...blocksOf(stmt).flatMap(allOf)])

/** Names of the functions that are called. */
export function calleesIn(block: readonly Stmt[]): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (expr: Expr, isCalled: boolean): void => {
    if (isCalled && expr.is === 'name') found.add(expr.name)
    if (isCalled && expr.is === 'choice') for (const it of [expr.yes, expr.no]) visit(it, true)
    for (const part of partsOf(expr)) visit(part, expr.is === 'call' && part === expr.callee)
  }
  for (const expr of allOf(block).flatMap(expressionsOf)) visit(expr, false)
  return found
}
/** Does nothing after it run? */
export const leaves = (stmt: Stmt | undefined): boolean =>
  stmt !== undefined && (stmt.is === 'return' || stmt.is === 'jump')
