/** What a user writes for a scope: `medium`, or `medium,pages=3,holders=socket+defrag`. */
import { families } from '../families.ts'
import { askedFor, type Bound, type BoundName, type Scope } from './bounds.ts'
import { contradiction } from './contradiction.ts'
import { scopes } from './named.ts'

/** Every scope that has a name of its own, by that name. */
export const namedScopes: ReadonlyMap<string, Scope> = new Map(
  [
    ...Object.values(scopes),
    ...families.flatMap(({ scopes: { searched, random } }) => [
      ...searched,
      ...(random === undefined ? [] : [random]),
    ]),
  ].map((it) => [it.name, it]),
)

/**
 * A scope by name, or by `key=value,...` over a named one (`medium,pages=3,holders=socket+defrag`);
 * without a name the values change `medium`. Throws an Error that names the key and what it takes.
 */
export function parseScope(text: string): Scope {
  const [head = '', ...rest] = text.split(',')
  const named = !head.includes('=')
  const start = named ? namedScopes.get(head) : scopes.medium
  if (start === undefined)
    throw new Error(`there is no scope "${head}"; there are ${[...namedScopes.keys()].join(', ')}.`)
  let scope: Scope = start
  for (const pair of named ? rest : [head, ...rest]) scope = change(scope, pair)
  const wrong = contradiction(scope)
  if (wrong !== undefined) throw new Error(wrong)
  return rest.length === 0 && named ? scope : { ...scope, name: text }
}

function change(scope: Scope, pair: string): Scope {
  const [key = '', value = '', ...more] = pair.split('=')
  if (more.length > 0) throw new Error(`"${pair}" has more than one "=".`)
  const [found] = askedFor.filter(([name]) => name === key)
  if (found === undefined)
    throw new Error(
      `"${key}" is no bound of a scope; there are ${askedFor.map(([name]) => name).join(', ')}.`,
    )
  const [name, bound] = found
  return { ...scope, [name]: valueOf(name, bound, value) }
}

function valueOf(name: BoundName, bound: Bound, text: string): Scope[BoundName] {
  switch (bound.kind) {
    case 'number':
      return whole(name, bound, text)
    case 'numbers':
      return text.split('+').map((it) => whole(name, bound, it))
    case 'switch':
      if (text === 'true' || text === 'false') return text === 'true'
      throw new Error(`${name} takes true or false, not "${text}".`)
    case 'one':
      return oneOf(`${name}s`, bound.names, text) as Scope['driver']
    case 'several':
      return text
        .split('+')
        .map((it) => oneOf(name, bound.names, it)) as unknown as Scope['holders']
  }
}
function whole(
  name: BoundName,
  { least, most }: { readonly least: number; readonly most: number },
  text: string,
): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isInteger(value) || value < least || value > most)
    throw new Error(`${name} takes a whole number from ${least} to ${most}, not "${text}".`)
  return value
}
function oneOf(what: string, known: readonly string[], text: string): string {
  const found = known.find((it) => it === text)
  if (found === undefined) throw new Error(`${what} are ${known.join(', ')}, not "${text}".`)
  return found
}
