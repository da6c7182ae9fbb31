/** Options of the verbs, by Node's own parser, with errors that say what to do. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { designs, type Design } from '../model/designs/index.ts'
import { parseScope, type Scope } from '../model/scope.ts'
import { properties, type Property } from '../properties/index.ts'
import { misdeclared } from '../verify/declared.ts'
import { didYouMean, unknownName, UsageError } from './usage-error.ts'

export function parse<T extends NonNullable<ParseArgsConfig['options']>>(
  verb: string,
  argv: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    const said = (error as Error).message.split(/\.\s|\n/)[0]
    throw new UsageError(`${said}. "poolproof help" shows what ${verb} takes.`)
  }
}

export function designsNamed(ids: readonly string[]): readonly Design[] {
  const known = designs.map(({ id }) => id)
  for (const id of ids) if (!known.includes(id)) throw unknownName('design', id, known)
  const named = ids.length === 0 ? designs : designs.filter(({ id }) => ids.includes(id))
  for (const design of named) refuseMisdeclared(design)
  return named
}
/** A design that declares what there is not would be verified as if it declared nothing. */
function refuseMisdeclared(design: Design): void {
  if (designs.filter(({ id }) => id === design.id).length > 1)
    throw new UsageError(
      `Two designs are called "${design.id}" in model/designs/index.ts. Counterexamples are saved by this name: give one of them another id.`,
    )
  const [first] = misdeclared(design)
  if (first === undefined) return
  throw new UsageError(
    `${first.design}: "${first.field}" names "${first.name}", which is no rule that is asked of it.${didYouMean(first.name, first.known)} Mend the name in model/designs/; "poolproof list" has all of them.`,
  )
}
export function propertiesNamed(ids: readonly string[]): readonly Property[] {
  const known = properties.map(({ id }) => id)
  for (const id of ids) if (!known.includes(id)) throw unknownName('property', id, known)
  return ids.length === 0 ? properties : properties.filter(({ id }) => ids.includes(id))
}

/** The scope that --scope describes. */
export function scopeNamed(text: string): Scope {
  try {
    return parseScope(text)
  } catch (error) {
    throw new UsageError(`--scope: ${(error as Error).message}`)
  }
}

/** A verb without arguments got some. */
export function nothingMore(verb: string, argv: readonly string[]): void {
  const { positionals } = parse(verb, argv, {})
  if (positionals.length > 0)
    throw new UsageError(`${verb} takes no arguments, "${positionals[0]}" was given.`)
}

/** `--option on` or `--option off`; undefined when it was not given. */
export function onOff(option: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (text !== 'on' && text !== 'off')
    throw new UsageError(`--${option} takes on or off, not "${text}".`)
  return text === 'on'
}

/** A whole number in a range, or an error that names the option. */
export function number(
  option: string,
  text: string | undefined,
  fallback: number,
  range: { readonly min: number; readonly max: number; readonly unit: string },
): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isInteger(value) || value < range.min || value > range.max)
    throw new UsageError(
      `--${option} takes a whole number${range.unit === '' ? '' : ` of ${range.unit}`} from ${range.min} to ${range.max}, not "${text}".`,
    )
  return value
}
