/** Names that were typed, as what they stand for; where there is no such thing, what was meant. */
import { designs, type Design } from '../model/designs.ts'
import { namedScopes, parseScope } from '../model/scope/parse.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { properties, type Property } from '../properties/index.ts'
import { misdeclared } from '../verify/declared.ts'
import { didYouMean, unknownName, UsageError } from './usage-error.ts'

export function designsNamed(ids: readonly string[]): readonly Design[] {
  const known = designs.map(({ id }) => id)
  for (const id of ids)
    if (!known.includes(id)) throw unknownName('design', id, known, 'list designs')
  const named = ids.length === 0 ? designs : designs.filter(({ id }) => ids.includes(id))
  for (const design of named) refuseMisdeclared(design)
  return named
}
/** A design that declares what there is not would be verified as if it declared nothing. */
function refuseMisdeclared(design: Design): void {
  if (designs.filter(({ id }) => id === design.id).length > 1)
    throw new UsageError(
      `Two designs are called "${design.id}" in model/designs.ts. Counterexamples are saved by this name: give one of them another id.`,
    )
  const [first] = misdeclared(design)
  if (first === undefined) return
  throw new UsageError(
    `${first.design}: "${first.field}" names "${first.name}", which is no property that is asked of it.${didYouMean(first.name, first.known)} Mend the name in model/designs/; "poolproof list" has all of them.`,
  )
}
export function propertiesNamed(ids: readonly string[]): readonly Property[] {
  const known = properties.map(({ id }) => id)
  for (const id of ids)
    if (!known.includes(id)) throw unknownName('property', id, known, 'list properties')
  return ids.length === 0 ? properties : properties.filter(({ id }) => ids.includes(id))
}

/** The scope that --scope describes. Throws a UsageError that says what there is. */
export function scopeNamed(text: string): Scope {
  const [head = ''] = text.split(',')
  if (!head.includes('=') && !namedScopes.has(head)) {
    const known = [...namedScopes.keys()]
    throw new UsageError(
      `There is no scope "${head}".${didYouMean(head, known)} There are ${known.join(', ')}; "poolproof list scopes" says what each is.`,
    )
  }
  try {
    return parseScope(text)
  } catch (error) {
    throw new UsageError(`--scope ${text}: ${(error as Error).message}`)
  }
}
