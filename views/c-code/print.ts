/** The C tree as lines, in the style of the kernel: tabs, and braces only where they are needed. */
import type { Expr, Stmt } from './tree.ts'

const WIDTH = 80
const TAB = 8

/** Higher binds tighter. */
const BINDS: Readonly<Record<string, number>> = {
  '||': 2,
  '&&': 3,
  '|': 4,
  '^': 5,
  '&': 6,
  '==': 7,
  '!=': 7,
  '<': 8,
  '<=': 8,
  '>': 8,
  '>=': 8,
  '<<': 9,
  '>>': 9,
  '+': 10,
  '-': 10,
  '*': 11,
  '/': 11,
  '%': 11,
}
const ASSIGNS = 0
const CHOOSES = 1
const NEGATES = 12
const ATOM = 13

/** An author's words with a space outside of brackets are more than one thing. */
export const isOneThing = (text: string): boolean => topLevel(text, ' ') === -1
/** Where a text stands outside of all brackets and quotes; -1: nowhere. */
export function topLevel(text: string, what: string): number {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i += 1) {
    const at = text[i]!
    if (at === '"') quoted = !quoted
    if (quoted) continue
    if (depth === 0 && text.startsWith(what, i)) return i
    if ('([{'.includes(at)) depth += 1
    if (')]}'.includes(at)) depth -= 1
  }
  return -1
}

export const expression = (expr: Expr): string => bound(expr, ASSIGNS)

/** In brackets where what stands around it binds tighter. */
function bound(expr: Expr, around: number): string {
  const [text, binds] = written(expr)
  return binds < around ? `(${text})` : text
}
function written(expr: Expr): [text: string, binds: number] {
  switch (expr.is) {
    case 'name':
      return [expr.name, ATOM]
    case 'known':
      return [expr.text ?? literal(expr.value), ATOM]
    case 'label':
      return [expr.text, isOneThing(expr.text) ? ATOM : CHOOSES]
    case 'not':
      return [`!${bound(expr.of, NEGATES)}`, NEGATES]
    case 'binary':
      return operation(expr)
    case 'choice':
      return [
        `${bound(expr.test, CHOOSES + 1)} ? ${bound(expr.yes, CHOOSES + 1)} : ${bound(expr.no, CHOOSES)}`,
        CHOOSES,
      ]
    case 'call':
      return [`${bound(expr.callee, ATOM)}(${expr.args.map(expression).join(', ')})`, ATOM]
    case 'member':
      return [`${bound(expr.of, ATOM)}${expr.op}${expr.name}`, ATOM]
    case 'index':
      return [`${bound(expr.of, ATOM)}[${expression(expr.at)}]`, ATOM]
    case 'set':
      return [`${expression(expr.to)} ${expr.op} ${expression(expr.value)}`, ASSIGNS]
    case 'count':
      return [`${bound(expr.of, ATOM)}${expr.op}`, ATOM]
    case 'noted':
      return written(expr.of)
  }
}
function operation(expr: Extract<Expr, { is: 'binary' }>): [text: string, binds: number] {
  const { op, left, right } = expr
  const binds = BINDS[op] ?? CHOOSES
  return [`${operand(left, op, binds)} ${op} ${operand(right, op, binds + 1)}`, binds]
}
/** As gcc wants it: && inside || is in brackets. */
const operand = (expr: Expr, op: string, binds: number): string =>
  op === '||' && expr.is === 'binary' && expr.op === '&&'
    ? `(${expression(expr)})`
    : bound(expr, op === '&&' && expr.is === 'binary' && expr.op === '&&' ? 0 : binds)
const literal = (value: boolean | number | string | null): string =>
  value === null ? 'NULL' : value === '' ? '""' : String(value)

/** What is said beside an expression or inside it. */
export function notesOf(expr: Expr): readonly string[] {
  const notes: string[] = []
  const visit = (it: Expr): void => {
    if (it.is === 'noted') notes.push(it.note)
    for (const part of Object.values(it).flat())
      if (typeof part === 'object' && part !== null && 'is' in part) visit(part as Expr)
  }
  visit(expr)
  return notes
}

/** @param depth tabs in front */
export const lines = (block: readonly Stmt[], depth = 1): string[] =>
  block.flatMap((stmt) => linesOf(stmt, depth))

function linesOf(stmt: Stmt, depth: number): string[] {
  switch (stmt.is) {
    case 'do':
      return ended(expression(stmt.expr), [stmt.expr], depth)
    case 'local':
      return ended(`${stmt.name} = ${expression(stmt.value)}`, [stmt.value], depth)
    case 'return':
      return stmt.value === undefined
        ? [indent('return;', depth)]
        : ended(`return ${expression(stmt.value)}`, [stmt.value], depth)
    case 'jump':
      return [indent(`${stmt.to};`, depth)]
    case 'target':
      return [`${stmt.name}:`]
    case 'comment':
      return comment(stmt.text, depth)
    case 'if':
      return branch(stmt, depth)
    case 'loop':
      if (stmt.head?.startsWith('do ') === true)
        return [
          indent('do {', depth),
          ...lines(stmt.body, depth + 1),
          indent(`} ${stmt.head.slice('do '.length)};`, depth),
        ]
      return block(loopHead(stmt), stmt.test === undefined ? [] : [stmt.test], stmt.body, depth)
    case 'each':
      return block(`for_each(${stmt.name}, ${expression(stmt.of)})`, [stmt.of], stmt.body, depth)
    case 'switch':
      return [
        indent(`switch (${expression(stmt.of)}) {`, depth),
        ...stmt.cases.flatMap(({ value, body }) => [
          indent(value === undefined ? 'default:' : `case ${expression(value)}:`, depth),
          ...lines(body, depth + 1),
        ]),
        indent('}', depth),
      ]
  }
}
function loopHead({ head, start, test, next }: Extract<Stmt, { is: 'loop' }>): string {
  if (head !== undefined) return head
  // As in while ((page = next())): the value of an assignment is meant.
  const tested =
    test === undefined ? '' : test.is === 'set' ? `(${expression(test)})` : expression(test)
  if (start.length === 0 && next.length === 0)
    return test === undefined ? 'for (;;)' : `while (${tested})`
  const inner = (of: readonly Stmt[]): string =>
    lines(of, 0).join(' ').replaceAll(';', ',').replace(/,$/, '')
  return `for (${inner(start)}; ${tested}; ${inner(next)})`
}

function branch(stmt: Extract<Stmt, { is: 'if' }>, depth: number): string[] {
  const { test, body, otherwise } = stmt
  const tested = test.is === 'set' ? `(${expression(test)})` : expression(test)
  const [only] = otherwise
  const goesOn = otherwise.length === 1 && only!.is === 'if'
  const braces = needsBraces(body) || (otherwise.length > 0 && !goesOn && needsBraces(otherwise))
  const yes = block(`if (${tested})`, [test], body, depth, braces)
  if (otherwise.length === 0) return yes
  const opens = `${braces ? '} ' : ''}else`
  if (braces) yes.pop()
  const no = goesOn
    ? branch(only as Extract<Stmt, { is: 'if' }>, depth).map((line, i) =>
        i === 0 ? indent(`${opens} ${line.trimStart()}`, depth) : line,
      )
    : block(opens, [], otherwise, depth, braces)
  return [...yes, ...no]
}
function block(
  head: string,
  said: readonly Expr[],
  body: readonly Stmt[],
  depth: number,
  braces = needsBraces(body),
): string[] {
  const notes = said.flatMap(notesOf)
  const opened = beside(
    wrapped(indent(head + (braces ? ' {' : body.length === 0 ? ';' : ''), depth)),
    notes,
  )
  return [...opened, ...lines(body, depth + 1), ...(braces ? [indent('}', depth)] : [])]
}
const needsBraces = (body: readonly Stmt[]): boolean =>
  body.length > 1 ||
  body.some((stmt) => stmt.is === 'comment') ||
  (body.length === 1 && lines(body, 1).length > 1 && !isWrappedOnly(body[0]!))
const isWrappedOnly = (stmt: Stmt): boolean =>
  stmt.is === 'do' || stmt.is === 'local' || stmt.is === 'return'

const indent = (text: string, depth: number): string => '\t'.repeat(depth) + text
const ended = (text: string, said: readonly Expr[], depth: number): string[] =>
  beside(wrapped(indent(`${text};`, depth)), said.flatMap(notesOf))

const widthOf = (line: string): number => {
  const tabs = /^\t*/.exec(line)![0].length
  return tabs * TAB + line.length - tabs
}
/** Long lines go on below the first bracket, where an argument or an operator ends. */
export function wrapped(line: string): string[] {
  if (widthOf(line) <= WIDTH) return [line]
  const open = line.indexOf('(')
  const cut = open === -1 ? -1 : lastCut(line)
  if (cut <= open) return [line]
  const column = widthOf(line.slice(0, open + 1))
  const below = '\t'.repeat(Math.floor(column / TAB)) + ' '.repeat(column % TAB)
  const rest = below + line.slice(cut + 1)
  // A rest that is as long as before would be cut for ever.
  return [line.slice(0, cut), ...(widthOf(rest) < widthOf(line) ? wrapped(rest) : [rest])]
}
function lastCut(line: string): number {
  for (const ends of [/(?<=&&|\|\|) /g, /(?<=,) /g]) {
    const fits = [...line.matchAll(ends)].filter(
      ({ index }) => widthOf(line.slice(0, index)) <= WIDTH && line.slice(0, index).trim() !== '',
    )
    if (fits.length > 0) return fits.at(-1)!.index
  }
  return -1
}
/** At the end of the first line where there is room, else above. */
function beside(code: readonly string[], notes: readonly string[]): string[] {
  if (notes.length === 0) return [...code]
  const note = [...new Set(notes)].join('; ')
  const line = `${code[0]} /* ${note} */`
  if (widthOf(line) <= WIDTH) return [line, ...code.slice(1)]
  const depth = /^\t*/.exec(code[0]!)![0].length
  return [...comment(note, depth), ...code]
}

/** A comment of C, in as many lines as it needs. */
export function comment(text: string, depth: number): string[] {
  const safe = text.replaceAll('*/', '* /')
  const one = indent(`/* ${safe} */`, depth)
  if (!safe.includes('\n') && widthOf(one) <= WIDTH) return [one]
  const width = WIDTH - depth * TAB - 3
  const rows = safe.split('\n').flatMap((row) => filled(row, width))
  return [
    indent('/*', depth),
    ...rows.map((row) => indent(row === '' ? ' *' : ` * ${row}`, depth)),
    indent(' */', depth),
  ]
}
function filled(row: string, width: number): string[] {
  if (row.length <= width) return [row]
  const hanging = /^(- |@param \w+ )/.test(row) ? '  ' : ''
  const out: string[] = []
  let line = ''
  for (const word of row.split(/ +/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      out.push(line)
      line = hanging + word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...out, line]
}
