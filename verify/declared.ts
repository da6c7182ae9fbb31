/** What a design declares about itself, held against what there is: a misspelt rule would declare nothing. */
import type { Design } from '../model/design.ts'
import { properties } from '../properties/index.ts'
import { livenessProperties } from '../properties/liveness/index.ts'

export interface Misdeclared {
  readonly design: string
  /** Where the name stands, as in the file: `breaks`, `worlds['queue-restart'].keeps`. */
  readonly field: string
  readonly name: string
  readonly known: readonly string[]
}

/** Names that a design declares and that are no rule of its family. */
export function misdeclared(design: Design): readonly Misdeclared[] {
  const known = properties
    .filter(({ families }) => families.includes(design.family))
    .map(({ id }) => id)
  const among = (field: string, declared: object | undefined, names: readonly string[]) =>
    Object.keys(declared ?? {})
      .filter((name) => !names.includes(name))
      .map((name) => ({ design: design.id, field, name, known: names }))
  return [
    ...among('breaks', design.breaks, known),
    ...Object.entries(design.worlds ?? {}).flatMap(([world, { breaks, keeps }]) => [
      ...among(`worlds['${world}'].breaks`, breaks, known),
      ...among(`worlds['${world}'].keeps`, keeps, known),
    ]),
    ...among(
      'neverEnds',
      design.neverEnds,
      livenessProperties.map(({ id }) => id),
    ),
  ]
}
