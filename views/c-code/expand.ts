/** A function printed where it is called: what a class overrides, and helpers the kernel does not have. */
import type { Statement } from 'acorn'
import type { Frame, Source } from './frame.ts'
import { localsOf, snake } from './syntax.ts'
import { tidy } from './tidy.ts'
import { allOf, known, name, truthOf, type Expr, type Stmt } from './tree.ts'

const DEPTH = 8

/** Written twice it means the same. */
const isSimple = (expr: Expr): boolean =>
  expr.is === 'name' ||
  expr.is === 'known' ||
  (expr.is === 'member' && isSimple(expr.of)) ||
  (expr.is === 'label' && !expr.text.includes('('))

/** The frame of a function inside another one; undefined when its text cannot stand there. */
export function inside(
  frame: Frame,
  target: Source,
  args: readonly Expr[],
  leave: Frame['leave'],
): Frame | undefined {
  if (frame.inside.length > DEPTH || frame.inside.includes(target)) return undefined
  if (!args.every(isSimple)) return undefined
  const names = new Map<string, Expr>()
  const given = new Map<string, boolean>()
  const taken = new Set(frame.taken)
  const inner: Frame = {
    ...frame,
    source: target,
    names,
    given,
    taken,
    leave,
    before: undefined,
    inside: [...frame.inside, target],
  }
  for (const [i, param] of target.node.params.entries()) {
    if (param.type === 'Identifier') {
      names.set(param.name, args[i] ?? known(null))
      given.set(param.name, args[i] !== undefined)
    } else if (param.type === 'AssignmentPattern' && param.left.type === 'Identifier')
      names.set(param.left.name, args[i] ?? frame.to.value(param.right, inner))
    else return undefined
  }
  for (const local of localsOf(target.node.body)) {
    const free = taken.has(local) ? freshName(local, taken) : local
    taken.add(free)
    names.set(local, name(snake(free)))
  }
  return inner
}
function freshName(base: string, taken: ReadonlySet<string>): string {
  for (let n = 2; ; n += 1) if (!taken.has(`${base}${n}`)) return `${base}${n}`
}
const bodyOf = ({ node }: Source): readonly Statement[] | undefined =>
  node.body.type === 'BlockStatement' ? node.body.body : undefined

/** All of it, with returns as `leave` has them. */
export function expanded(
  frame: Frame,
  target: Source,
  args: readonly Expr[],
  leave: Frame['leave'],
  tail: boolean,
): readonly Stmt[] | undefined {
  const inner = inside(frame, target, args, leave)
  if (inner === undefined) return undefined
  const body = bodyOf(target)
  inner.tail = tail
  const block =
    body === undefined
      ? leave(frame.to.value(target.node.body, inner))
      : frame.to.block(body, inner)
  for (const it of inner.taken) frame.taken.add(it)
  return tidy(block)
}
export interface Straight {
  readonly before: readonly Stmt[]
  /** What it returns; undefined: nothing. */
  readonly value: Expr | undefined
}
/** A function that returns at its end only: its statements, and then its value. */
export function straight(
  frame: Frame,
  target: Source,
  args: readonly Expr[],
  fits: (made: Straight) => boolean = () => true,
): Straight | undefined {
  return attempt(frame, () => {
    const block = expanded(frame, target, args, (value) => [{ is: 'return', value }], false)
    if (block === undefined) return undefined
    const last = block.at(-1)
    const before = last?.is === 'return' ? block.slice(0, -1) : block
    if (allOf(before).some((stmt) => stmt.is === 'return')) return undefined
    const made = { before, value: last?.is === 'return' ? last.value : undefined }
    return fits(made) ? made : undefined
  })
}
/** Would that succeed? No name is taken. */
export function isStraight(frame: Frame, target: Source, args: readonly Expr[]): boolean {
  const taken = new Set(frame.taken)
  return straight({ ...frame, taken }, target, args) !== undefined
}
/** What comes to nothing takes no names. */
function attempt<T>({ taken }: Frame, make: () => T | undefined): T | undefined {
  const before = [...taken]
  const made = make()
  if (made !== undefined) return made
  taken.clear()
  for (const it of before) taken.add(it)
  return undefined
}

/**
 * `if (!helper()) leave`: wherever the helper returns false, that is done instead; undefined when the helper
 * says more than yes or no.
 * @param wanted what the helper returns where the caller goes on
 */
export function asTest(
  frame: Frame,
  target: Source,
  args: readonly Expr[],
  wanted: boolean,
  otherwise: readonly Stmt[],
  test: (value: Expr) => Stmt,
): readonly Stmt[] | undefined {
  const leave = (value: Expr | undefined): readonly Stmt[] =>
    value !== undefined && truthOf(value) === !wanted ? otherwise : [{ is: 'return', value }]
  return attempt(frame, () => {
    const block = expanded(frame, target, args, leave, false)
    const last = block?.at(-1)
    if (block === undefined || last === undefined) return undefined
    const own = new Set(otherwise)
    const returns = allOf(block).filter((stmt) => stmt.is === 'return' && !own.has(stmt))
    if (returns.length === 0) return block
    if (returns.length > 1 || last.is !== 'return' || last !== returns[0]) return undefined
    const before = block.slice(0, -1)
    if (last.value === undefined) return undefined
    return truthOf(last.value) === wanted ? before : [...before, test(last.value)]
  })
}
