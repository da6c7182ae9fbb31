/**
 * Functions of steps that are called as a statement of its own, without `yield*`: `spin_lock_bh(...)`.
 * That makes a generator nobody runs. Those of the object itself are noticed when it happens
 * (engine/authoring/made.ts); a function that is imported cannot be watched, so it is read off the text.
 */
import { generatorsOf, originalOf } from './made.ts'

/** What follows `yield*`, or is handed to call(), is a function of steps. */
const USED =
  /(?:yield\s*\*\s*|\bcall\)?\(\s*)(?:\(0,\s*)?(?:[\w$]+\.)?([A-Za-z_$][\w$]*)\)?\s*[(,)]/g
/** A statement that is a call and nothing else. */
const STATEMENT = /[;{}]\s*(?:\(0,\s*)?(?:__[\w$]+\.)?([A-Za-z_$][\w$]*)\)?\s*\(/g
/** These stand in front of a bracket and are no functions; the words are noticed when they are used. */
const NOT_MEANT: ReadonlySet<string> = new Set(
  'if for while switch catch return function step local when choose call this super'.split(' '),
)

const texts = new WeakMap<object, string>()
/** How many names a text was searched for. */
const checked = new WeakMap<object, number>()
const names = new Set<string>()

export interface BareCall {
  readonly fn: string
  readonly callee: string
}
/** The first such call in the functions of an object. */
export function bareCall(self: object): BareCall | undefined {
  const functions = generatorsOf(self).map((fn) => originalOf(fn))
  for (const fn of functions) {
    if (texts.has(fn)) continue
    const text = withoutComments(fn.toString())
    texts.set(fn, text)
    for (const [, name] of text.matchAll(USED)) if (!NOT_MEANT.has(name!)) names.add(name!)
  }
  for (const fn of functions) {
    if (checked.get(fn) === names.size) continue
    for (const [, callee] of texts.get(fn)!.matchAll(STATEMENT))
      if (names.has(callee!)) return { fn: fn.name, callee: callee! }
    checked.set(fn, names.size)
  }
  return undefined
}

/** Semicolons are left out by some compilers where a line ends; each line is a statement then. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '').replace(/\)[ \t]*\n(?=\s*[A-Za-z_$(])/g, ');\n')
