/** Small functions of steps as C, in a world of constants. */
import { plainSpelling, type Setting, type Source } from '../../views/c-code/frame.ts'
import { bodyLines } from '../../views/c-code/function.ts'
import { sourcesOf } from '../../views/c-code/sources.ts'
import type { Known } from '../../views/c-code/tree.ts'

export interface World {
  /** What `this.a.b` is. */
  readonly constants?: Readonly<Record<string, Known>>
  readonly details?: boolean
}
/** Classes of a text know their base by `extends`; functions whose names end in `_part` are printed in place. */
function settingOf(sources: readonly Source[], text: string, world: World): Setting {
  const baseOf = (owner: string | undefined): string | undefined =>
    new RegExp(`class ${owner} extends (\\w+)`).exec(text)?.[1]
  return {
    constant: (path) => world.constants?.[path.join('.')],
    decided: () => {},
    callee: (how, name, from) =>
      sources.find(
        (it) =>
          it.name === name &&
          (how === 'super'
            ? it.owner === baseOf(from.owner)
            : how === 'free'
              ? it.owner === undefined
              : it.owner !== undefined),
      ),
    expands: ({ name }) => name.endsWith('_part'),
    called: () => {},
    origin: ({ owner }) => owner,
    details: () => world.details ?? false,
    spelling: { ...plainSpelling, bounds: { bulk: 'PP_ALLOC_CACHE_REFILL' } },
  }
}
/** The function `f` of a text, in lines without the tab that all of them have. */
export function c(text: string, world: World = {}): string {
  const sources = sourcesOf(text)
  const f = sources.find(({ name }) => name === 'f')!
  return bodyLines(f, settingOf(sources, text, world))
    .map((line) => line.replace(/^\t/, ''))
    .join('\n')
}
export const f = (body: string, world: World = {}): string =>
  c(`class A { *f(pool, page) { ${body} } }`, world)
export const lines = (...of: readonly string[]): string => of.join('\n')
