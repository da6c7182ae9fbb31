/** The difference of two designs, function by function, as a reviewer reads a patch. */
import { diffLines, unified } from '../c-code/line-diff.ts'
import type { CFunction, Program } from './program.ts'

export interface FunctionPatch {
  readonly name: string
  readonly file: string
  /** Which design has it, where not both have. */
  readonly only: string | undefined
  /** Each begins with a space, `-`, `+`, or is `@@`. */
  readonly lines: readonly string[]
}
export interface Patch {
  readonly from: string
  readonly to: string
  readonly functions: readonly FunctionPatch[]
  /** How many functions are the same in both. */
  readonly equal: number
}

/** What makes the second design of the first. */
export function patchOf(from: Program, to: Program): Patch {
  const before = new Map(from.functions.map((it) => [it.name, it]))
  const after = new Map(to.functions.map((it) => [it.name, it]))
  const functions = merged(from.functions, to.functions).flatMap((name): FunctionPatch[] => {
    const [old, now] = [before.get(name), after.get(name)]
    const diff = diffLines(old?.lines ?? [], now?.lines ?? [])
    if (diff.every(({ mark }) => mark === ' ')) return []
    const only = old === undefined ? to.design.id : now === undefined ? from.design.id : undefined
    return [{ name, file: (now ?? old!).file, only, lines: unified(diff) }]
  })
  const all = new Set([...before.keys(), ...after.keys()])
  return {
    from: from.design.id,
    to: to.design.id,
    functions,
    equal: all.size - functions.length,
  }
}
/** Names in the order of the second; what only the first has stands where it stood there. */
function merged(from: readonly CFunction[], to: readonly CFunction[]): readonly string[] {
  const out = to.map(({ name }) => name)
  for (const [i, { name }] of from.entries()) {
    if (out.includes(name)) continue
    const above = i === 0 ? -1 : out.indexOf(from[i - 1]!.name)
    out.splice(above + 1, 0, name)
  }
  return out
}

export function patchText({ from, to, functions, equal }: Patch): readonly string[] {
  return [
    `--- ${from}`,
    `+++ ${to}`,
    ...functions.flatMap(({ name, file, only, lines }) => [
      '',
      `@@ ${name}() @@ ${only === undefined ? '' : `only in ${only}, `}${file}`,
      ...lines,
    ]),
    '',
    sameText(functions.length, equal),
  ]
}
function sameText(changed: number, equal: number): string {
  const functions = (n: number): string => `${n} function${n === 1 ? '' : 's'}`
  if (changed === 0) return `Nothing differs: ${functions(equal)} in both.`
  return `${functions(changed)} differ; ${functions(equal)} ${equal === 1 ? 'is' : 'are'} the same in both and not shown.`
}
