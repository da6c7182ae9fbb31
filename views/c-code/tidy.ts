/** What a kernel programmer would not write: variables used once, right after; tests in the middle of a loop; jumps to the next line. */
import { mentions } from './labels.ts'
import {
  allOf,
  expressionsOf,
  isIdle,
  leaves,
  not,
  partsOf,
  run,
  withBlocks,
  withExpressions,
  withParts,
  type Expr,
  type Stmt,
} from './tree.ts'

export function tidy(block: readonly Stmt[]): readonly Stmt[] {
  const plain = polished(constantsPut(block))
  return withoutIdleJumps(polished(foldLocals(plain, plain)))
}

// ---- variables ------------------------------------------------------------------------------

function usesIn(expr: Expr, variable: string): number {
  if (expr.is === 'name') return expr.name === variable ? 1 : 0
  if (expr.is === 'label') return isMentioned(expr, variable) ? 1 : 0
  return partsOf(expr).reduce((sum, part) => sum + usesIn(part, variable), 0)
}
/** Variables that have one value from the start to the end, put in where they are read. */
function constantsPut(block: readonly Stmt[]): readonly Stmt[] {
  const all = allOf(block)
  const constant = all.find(
    (stmt): stmt is Extract<Stmt, { is: 'local' }> =>
      stmt.is === 'local' &&
      stmt.value.is === 'known' &&
      givenOf(block, stmt.name) === 1 &&
      !all.flatMap(expressionsOf).some((expr) => isChanged(expr, stmt.name)) &&
      labelsOf(block, stmt.name) === 0,
  )
  if (constant === undefined) return block
  const put = (of: readonly Stmt[]): readonly Stmt[] =>
    of
      .filter((stmt) => stmt !== constant)
      .map((stmt) =>
        withExpressions(withBlocks(stmt, put), (expr) =>
          replaced(expr, constant.name, constant.value),
        ),
      )
  return constantsPut(put(block))
}
const isChanged = (expr: Expr, variable: string): boolean => {
  const to = expr.is === 'set' ? expr.to : expr.is === 'count' ? expr.of : undefined
  if (to?.is === 'name' && to.name === variable) return true
  return partsOf(expr).some((part) => isChanged(part, variable))
}
/** How many labels speak of it; what a closure reads needs no variable of C. */
const labelsOf = (block: readonly Stmt[], variable: string): number => {
  const visit = (expr: Expr): number =>
    expr.is === 'label'
      ? Number(mentions(expr.text, variable))
      : partsOf(expr).reduce((sum, part) => sum + visit(part), 0)
  return allOf(block)
    .flatMap(expressionsOf)
    .reduce((sum, expr) => sum + visit(expr), 0)
}
/** By the closures of the step, or by its words. */
const isMentioned = ({ text, uses }: Extract<Expr, { is: 'label' }>, variable: string): boolean =>
  uses.includes(variable) || mentions(text, variable)
const usesOf = (block: readonly Stmt[], variable: string): number =>
  allOf(block)
    .flatMap(expressionsOf)
    .reduce((sum, expr) => sum + usesIn(expr, variable), 0)
const givenOf = (block: readonly Stmt[], variable: string): number =>
  allOf(block).filter((stmt) => stmt.is === 'local' && stmt.name === variable).length

/** @param all the function they are variables of */
function foldLocals(given: readonly Stmt[], all: readonly Stmt[]): readonly Stmt[] {
  const block = knownAtOnce(given)
  const out: Stmt[] = []
  for (let i = 0; i < block.length; i += 1) {
    const stmt = withBlocks(block[i]!, (inner) => foldLocals(inner, all))
    if (stmt.is !== 'local' || stmt.said === true || givenOf(all, stmt.name) !== 1) {
      out.push(stmt)
      continue
    }
    const uses = usesOf(all, stmt.name)
    const next = block[i + 1]
    const put = uses === 1 && next !== undefined ? putInto(next, stmt.name, stmt.value) : undefined
    if (uses === 0) out.push(...(isIdle(stmt.value) ? [] : [run(stmt.value)]))
    else if (put === undefined) out.push(stmt)
    else return [...out, ...foldLocals([put, ...block.slice(i + 2)], all)]
  }
  return out
}
/** A variable that has just got a known value, and is tested: it is decided. */
function knownAtOnce(block: readonly Stmt[]): readonly Stmt[] {
  const out = block.flatMap((stmt, i): readonly Stmt[] => {
    const above = block[i - 1]
    if (stmt.is !== 'if' || above?.is !== 'local' || above.value.is !== 'known') return [stmt]
    const test = replaced(stmt.test, above.name, above.value)
    if (test.is !== 'known') return [stmt]
    return test.value ? stmt.body : stmt.otherwise
  })
  return out.filter((stmt, i) => {
    const next = out[i + 1]
    if (stmt.is !== 'local' || stmt.value.is !== 'known' || next?.is !== 'return') return true
    return next.value !== undefined && usesIn(next.value, stmt.name) > 0
  })
}
/** The statement with the value where the variable stood; undefined when that would be at another time. */
function putInto(stmt: Stmt, variable: string, value: Expr): Stmt | undefined {
  if (stmt.is === 'loop' || (stmt.is === 'each' && !isShort(value))) return undefined
  const [expr] = expressionsOf(stmt)
  if (expr === undefined || !isFirst(expr, variable)) return undefined
  // Two calls in each other are harder to read than one after the other.
  if (!isShort(value) && isArgument(expr, variable)) return undefined
  return withExpressions(stmt, (it) => replaced(it, variable, value))
}
const isShort = (expr: Expr): boolean =>
  isIdle(expr) || (expr.is === 'label' && !expr.text.includes('('))
const isArgument = (expr: Expr, variable: string): boolean =>
  expr.is === 'call'
    ? expr.args.some((arg) => usesIn(arg, variable) > 0)
    : partsOf(expr).some((part) => isArgument(part, variable))
const replaced = (expr: Expr, variable: string, value: Expr): Expr =>
  expr.is === 'name' && expr.name === variable
    ? value
    : withParts(expr, (part) => replaced(part, variable, value))
/** Is the variable read whatever happens, and before anything is done? */
function isFirst(expr: Expr, variable: string): boolean {
  if (expr.is === 'name') return expr.name === variable
  const always = expr.is === 'binary' && /^(&&|\|\|)$/.test(expr.op) ? [expr.left] : partsOf(expr)
  for (const part of expr.is === 'choice' ? [expr.test] : always) {
    if (usesIn(part, variable) > 0) return isFirst(part, variable)
    if (!isIdle(part)) return false
  }
  return false
}
// ---- statements -----------------------------------------------------------------------------

function polished(block: readonly Stmt[]): readonly Stmt[] {
  const out: Stmt[] = []
  for (const stmt of block) {
    // Nothing gets here, unless it is jumped to.
    if (leaves(out.at(-1)) && stmt.is !== 'target') continue
    const inner = withBlocks(stmt, polished)
    out.push(...(RULES[inner.is]?.(inner as never) ?? [inner]))
  }
  return out
}
type Rules = {
  readonly [K in Stmt['is']]?: (stmt: Extract<Stmt, { is: K }>) => readonly Stmt[]
}
const RULES: Rules = {
  do: (stmt) => {
    const { expr } = stmt
    if (isIdle(expr)) return []
    // Nobody asks what comes out: what is done on the way is done.
    if (expr.is === 'binary' && !/^(&&|\|\|)$/.test(expr.op))
      return [expr.left, expr.right].filter((part) => !isIdle(part)).map(run)
    // Which of two functions is called: if and else say it more plainly.
    if (expr.is !== 'call' || expr.callee.is !== 'choice') return [stmt]
    const { test, yes, no } = expr.callee
    const calls = (callee: Expr): readonly Stmt[] => [run({ ...expr, callee })]
    return [{ is: 'if', test, body: calls(yes), otherwise: calls(no) }]
  },
  // A variable of a function that is printed in place may be called as what it is given to.
  local: (stmt) => (stmt.value.is === 'name' && stmt.value.name === stmt.name ? [] : [stmt]),
  return: (stmt) => {
    const { value } = stmt
    if (value?.is !== 'choice' || (isIdle(value.yes) && isIdle(value.no))) return [stmt]
    const yes: Stmt = { is: 'return', value: value.yes }
    return [
      { is: 'if', test: value.test, body: [yes], otherwise: [] },
      { is: 'return', value: value.no },
    ]
  },
  if: (stmt) => {
    const { test, otherwise } = stmt
    // A place in the code is no reason to ask.
    const says = (it: Stmt): boolean => it.is !== 'comment'
    const body = stmt.body.some(says) || otherwise.length > 0 ? stmt.body : []
    if (test.is === 'known') return test.value ? body : otherwise
    if (body.length > 0) return [stmt]
    if (otherwise.length === 0) return isIdle(test) ? [] : [run(test)]
    return [{ is: 'if', test: not(test), body: otherwise, otherwise: [] }]
  },
  loop: (stmt) => [testFirst(withoutLastContinue(stmt))],
  each: (stmt) => [withoutLastContinue(stmt)],
}
const withoutLastContinue = <S extends Stmt & { readonly body: readonly Stmt[] }>(stmt: S): S => {
  const last = stmt.body.at(-1)
  return last?.is === 'jump' && last.to === 'continue'
    ? { ...stmt, body: stmt.body.slice(0, -1) }
    : stmt
}
/** `for (;;) { x = f(); if (!x) break; ... }` is `while ((x = f())) { ... }`. */
function testFirst(stmt: Extract<Stmt, { is: 'loop' }>): Stmt {
  if (stmt.test !== undefined || stmt.head !== undefined) return stmt
  const [first, ...rest] = stmt.body
  if (first !== undefined && isExit(first)) return { ...stmt, test: not(first.test), body: rest }
  const [second, ...others] = rest
  if (first?.is !== 'local' || second === undefined || !isExit(second)) return stmt
  const test = not(second.test)
  if (test.is !== 'name' || test.name !== first.name) return stmt
  const set: Expr = { is: 'set', op: '=', to: test, value: first.value }
  return { ...stmt, test: set, body: others }
}
const isExit = (stmt: Stmt): stmt is Extract<Stmt, { is: 'if' }> =>
  stmt.is === 'if' &&
  stmt.otherwise.length === 0 &&
  stmt.body.length === 1 &&
  stmt.body[0]!.is === 'jump' &&
  stmt.body[0].to === 'break'

// ---- jumps ----------------------------------------------------------------------------------

/** A jump to what stands next, and targets nobody jumps to. */
function withoutIdleJumps(block: readonly Stmt[]): readonly Stmt[] {
  const near = block.filter((stmt, i) => {
    const next = block[i + 1]
    return !(stmt.is === 'jump' && next?.is === 'target' && stmt.to === `goto ${next.name}`)
  })
  const jumps = new Set(allOf(near).flatMap((stmt) => (stmt.is === 'jump' ? [stmt.to] : [])))
  return near.filter((stmt) => stmt.is !== 'target' || jumps.has(`goto ${stmt.name}`))
}
