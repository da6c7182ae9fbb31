/** Ways a property is broken in, by the names under which designs declare them. */
import type { Way } from '../engine/counterexample/ways.ts'
import type { Breaks } from '../model/design.ts'

const AMID = ' amid '
const AND = ' and '

/**
 * `WRONG in FUNCTION`, or `state: WHAT IS WRONG`; then, if somebody has to be interrupted for it,
 * ` amid FUNCTION and FUNCTION`: the functions in which others are in the middle of something.
 */
export function nameOfWay({ by, kind, amid }: Way): string {
  const what = by === undefined ? `state: ${kind}` : aloneBy(by)
  return amid.length === 0 ? what : what + AMID + amid.join(AND)
}
/** The way of a step that does wrong though nobody is interrupted. */
export const aloneBy = ({ fn, step }: NonNullable<Way['by']>): string => `${said(step)} in ${fn}`
/** A call by the name of the function, any other step as it is. */
const said = (step: string): string => /^(\w+)\(/.exec(step)?.[1] ?? step

/** Does one way account for the other: the same wrong done, and nobody interrupted who is not there too? */
export function covers(one: string, other: string): boolean {
  const [wrong, amid] = parts(one)
  const [itsWrong, itsAmid] = parts(other)
  return wrong === itsWrong && amid.every((fn) => itsAmid.includes(fn))
}
/** What is done wrong, without who has to be interrupted for it. */
export const wrongOf = (way: string): string => parts(way)[0]
function parts(way: string): readonly [string, readonly string[]] {
  const at = way.lastIndexOf(AMID)
  return at === -1 ? [way, []] : [way.slice(0, at), way.slice(at + AMID.length).split(AND)]
}

/** The ways of a property that are declared; `any` when only a reason is given, none when it is not declared. */
export type DeclaredWays = readonly string[] | 'any'
export function waysDeclared(breaks: Breaks | undefined, property: string): DeclaredWays {
  if (breaks === undefined || !Object.hasOwn(breaks, property)) return []
  const declared = breaks[property]!
  return typeof declared === 'string' ? 'any' : Object.keys(declared)
}
export const isDeclared = (declared: DeclaredWays, way: string): boolean =>
  declared === 'any' || declared.some((one) => covers(one, way))
/** Declared ways in which nothing that was found goes wrong, nor anything that needs less: that would hide it. */
export const waysGone = (declared: DeclaredWays, found: readonly string[]): readonly string[] =>
  declared === 'any'
    ? []
    : declared.filter((one) => !found.some((way) => covers(one, way) || covers(way, one)))
