/**
 * Labels of steps are statements or expressions of C already. What they say is taken apart only as far as it
 * is needed to negate it, to join it with others, and to see what it assigns.
 */
import { topLevel } from './print.ts'
import { both, not, type Expr, type Stmt } from './tree.ts'

const COMPARES = [' == ', ' != ', ' <= ', ' >= ', ' < ', ' > ']

export const label = (text: string, uses: readonly string[] = []): Expr => ({
  is: 'label',
  text,
  uses,
})
/** What follows a prefix up to its matching bracket, and what is behind that. */
function bracket(text: string, opening: string): [inside: string, rest: string] | undefined {
  if (!text.startsWith(opening)) return undefined
  let depth = 1
  for (let i = opening.length; i < text.length; i += 1) {
    if (text[i] === '(') depth += 1
    if (text[i] === ')') depth -= 1
    if (depth === 0) return [text.slice(opening.length, i), text.slice(i + 1).trim()]
  }
  return undefined
}
/** `if (...)` and nothing behind it. */
export const conditionIn = (text: string): string | undefined => {
  const found = bracket(text, 'if (')
  return found?.[1] === '' ? found[0] : undefined
}

/** The label as a value. */
export function valueIn(text: string, uses: readonly string[]): Expr {
  const condition = conditionIn(text)
  if (condition !== undefined) return valueIn(condition, uses)
  const and = topLevel(text, ' && ')
  if (and !== -1) return both(valueIn(text.slice(0, and), uses), valueIn(text.slice(and + 4), uses))
  const assigned = assignmentIn(text)
  if (assigned !== undefined)
    return {
      is: 'set',
      op: assigned.op,
      to: label(assigned.to, uses),
      value: label(assigned.value, uses),
    }
  for (const compares of COMPARES) {
    const at = topLevel(text, compares)
    if (at !== -1)
      return {
        is: 'binary',
        op: compares.trim(),
        left: label(text.slice(0, at), uses),
        right: label(text.slice(at + compares.length), uses),
      }
  }
  return text.startsWith('!') && !text.startsWith('!=')
    ? not(valueIn(text.slice(1), uses))
    : label(text, uses)
}
export interface Assignment {
  readonly to: string
  readonly op: string
  readonly value: string
}
export function assignmentIn(text: string): Assignment | undefined {
  const at = topLevel(text, '= ')
  const before = /^(.*[^\s=!<>|&+*/-])\s*([|&+*/-]?=)$/.exec(text.slice(0, at + 1))
  if (at === -1 || before === null || conditionIn(text) !== undefined) return undefined
  if (text.startsWith('if (')) return undefined
  return { to: before[1]!, op: before[2]!, value: text.slice(at + 2) }
}
/** A store of a constant: whoever gets something out of it gets what was there before. */
export const isConstant = (text: string): boolean => /^(NULL|false|true|-?\d+)$/.test(text)

/** The label as a statement. */
export function statementIn(text: string, uses: readonly string[]): Stmt {
  const found = bracket(text, 'if (')
  if (found !== undefined)
    return found[1] === ''
      ? { is: 'do', expr: valueIn(found[0], uses) }
      : {
          is: 'if',
          test: valueIn(found[0], uses),
          body: [statementIn(found[1], uses)],
          otherwise: [],
        }
  // It tells where the function is, and not what it does.
  if (/^(return|goto)\b| returns$/.test(text)) return { is: 'comment', text }
  return { is: 'do', expr: label(text, uses) }
}
/** The name that stands last in it: `dma_map` of `!pool->dma_map`. */
export const lastName = (text: string): string | undefined => /(\w+)$/.exec(text)?.[1]
/** Does it speak of a variable? A field of the same name is none. */
export const mentions = (text: string, variable: string): boolean =>
  new RegExp(`(?<![\\w.>])${variable}\\b`).test(text)
