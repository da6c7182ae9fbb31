/** Kinds of options: what each takes, how help names it, and how its text is read. */
import { Option } from 'commander'
import { UsageError } from './usage-error.ts'

/** What shell completion offers. */
export type Names = 'designs' | 'properties' | 'scopes' | 'mutants'

export interface Takes<T> {
  /** With its unit, its range and what holds when it is left out. */
  readonly says: string
  /** What stands behind it; none for a switch. */
  readonly placeholder?: string
  readonly short?: string
  /** A name it once had, which goes on working. */
  readonly formerly?: string
  readonly completes?: Names | readonly string[]
  readonly fallback: T
  /** `before`: what the same option said before, or the fallback. Throws a UsageError. */
  readonly read?: (text: string, before: T, option: string) => T
}
// oxlint-disable-next-line typescript/no-explicit-any -- of whatever it takes
export type Options = Readonly<Record<string, Takes<any>>>
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Takes<infer T> ? T : never
}
/** What a verb is given: its arguments, its options, and the signal that asks it to stop and tell what it has. */
export interface Given<O extends Options = Record<never, never>> {
  readonly names: readonly string[]
  readonly values: Values<O>
  readonly signal: AbortSignal
}

type More = Partial<Pick<Takes<unknown>, 'short' | 'formerly' | 'completes'>>

interface Range {
  readonly min: number
  readonly max: number
  /** `seconds`; none for a plain number. */
  readonly unit?: string
  readonly fallback: number
}
export const wholeNumber = (
  says: string,
  { min, max, unit, fallback }: Range,
  more: More = {},
): Takes<number> => ({
  says: `${says}; ${min} to ${max}${unit === undefined ? '' : ` ${unit}`}, ${fallback} if left out`,
  placeholder: 'N',
  fallback,
  ...more,
  read: (text, _, option) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isInteger(value) || value < min || value > max)
      throw new UsageError(
        `${option} takes a whole number${unit === undefined ? '' : ` of ${unit}`} from ${min} to ${max}, not "${text}".`,
      )
    return value
  },
})
export const switchedOn = (says: string): Takes<boolean> => ({ says, fallback: false })

export const onOff = (says: string): Takes<boolean | undefined> => ({
  says,
  placeholder: 'on|off',
  fallback: undefined,
  completes: ['on', 'off'],
  read: (text, _, option) => {
    if (text !== 'on' && text !== 'off')
      throw new UsageError(`${option} takes on or off, not "${text}".`)
    return text === 'on'
  },
})
export const text = (
  placeholder: string,
  says: string,
  more: More = {},
): Takes<string | undefined> => ({ says, placeholder, fallback: undefined, ...more, read: taken })

export const textOr = (
  placeholder: string,
  says: string,
  fallback: string,
  more: More = {},
): Takes<string> => ({
  says: `${says}; ${fallback} if left out`,
  placeholder,
  fallback,
  ...more,
  read: taken,
})
export const several = (
  placeholder: string,
  says: string,
  more: More = {},
): Takes<readonly string[]> => ({
  says: `${says}; may be given more than once`,
  placeholder,
  fallback: [],
  ...more,
  read: (it, before, option) => [...before, taken(it, before, option)],
})
/** The next option is no value: its own was forgotten. */
function taken(it: string, _: unknown, option: string): string {
  if (it === '') throw new UsageError(`${option} was given an empty value.`)
  if (it.startsWith('--'))
    throw new UsageError(`${option} needs a value, and "${it}" looks like the next option.`)
  return it
}

/** `maxMemory` is typed as `--max-memory`. */
export const dashed = (key: string): string =>
  `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** As commander wants them: the option itself, and hidden the name it once had. */
export function built(key: string, takes: Takes<unknown>): readonly Option[] {
  const { says, placeholder, short, formerly, fallback, read } = takes
  const make = (name: string): Option => {
    const start = short === undefined || name !== key ? '' : `-${short}, `
    const end = placeholder === undefined ? '' : ` <${placeholder}>`
    const option = new Option(`${start}${dashed(name)}${end}`, says)
    if (read !== undefined)
      option.argParser((it, before) => read(it, before ?? fallback, dashed(name)))
    return option
  }
  const former = formerly === undefined ? [] : [make(formerly).hideHelp()]
  return [make(key).default(fallback), ...former]
}
/** What was typed, with what was typed under a former name in its place. */
export function valuesOf<O extends Options>(
  options: O,
  typed: Readonly<Record<string, unknown>>,
): Values<O> {
  const entries = Object.entries(options).map(([key, { formerly }]) => [
    key,
    (formerly === undefined ? undefined : typed[formerly]) ?? typed[key],
  ])
  return Object.fromEntries(entries) as Values<O>
}
