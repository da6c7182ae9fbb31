/** `poolproof list`: the designs with their sources, the properties, the scopes with other worlds, and their bounds. */
import { designs } from '../model/designs.ts'
import { families } from '../model/families.ts'
import { askedBounds, askedFor, type Bound, type Scope } from '../model/scope/bounds.ts'
import { namedScopes } from '../model/scope/parse.ts'
import { isWorld, worldSays } from '../model/scope/worlds.ts'
import { properties } from '../properties/index.ts'
import { livenessProperties } from '../properties/liveness/index.ts'
import { indented } from '../views/prose.ts'
import type { Given } from './option.ts'
import type { listOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say } from './output.ts'
import { columns } from './terminal.ts'
import { didYouMean, UsageError } from './usage-error.ts'

interface Part {
  readonly text: () => readonly string[]
  readonly data: () => readonly object[]
}
const under = (text: string): string[] => indented(text, columns(), '    ')

const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['designs', { text: designsText, data: designsData }],
  ['properties', { text: propertiesText, data: propertiesData }],
  ['scopes', { text: scopesText, data: scopesData }],
  ['bounds', { text: boundsText, data: boundsData }],
])

export async function list({ names, values }: Given<typeof listOptions>): Promise<number> {
  const known = [...PARTS.keys()]
  for (const name of names)
    if (!PARTS.has(name))
      throw new UsageError(
        `list takes ${known.join(', ')} or nothing, not "${name}".${didYouMean(name, known)} "poolproof explain ${name}" tells of one.`,
      )
  const json = jsonFile(values.json)
  const chosen = [...PARTS].filter(([name]) => names.length === 0 || names.includes(name))
  say(chosen.map(([, { text }]) => text().join('\n')).join('\n\n'))
  json.write({
    schema: 1,
    ...Object.fromEntries(chosen.map(([name, { data }]) => [name, data()])),
  })
  return 0
}

function designsText(): readonly string[] {
  const out: string[] = ['Designs']
  for (const { id, title, source, family, breaks, worlds: others = {} } of designs) {
    out.push('', `  ${id}  (${family.id})`, ...under(title), ...under(source))
    const broken = Object.keys(breaks)
    if (broken.length > 0) out.push(...under(`breaks ${broken.join(', ')}`))
    for (const [world, { breaks: more = {}, keeps = {} }] of Object.entries(others)) {
      const said = [
        ...Object.keys(more).map((property) => `breaks ${property}`),
        ...Object.keys(keeps).map((property) => `keeps ${property}`),
      ]
      if (said.length > 0) out.push(...under(`in ${world}: ${said.join(', ')}`))
    }
  }
  return out
}
function designsData(): readonly object[] {
  return designs.map(({ id, title, source, family, breaks, worlds: others = {} }) => ({
    id,
    title,
    source,
    family: family.id,
    breaks,
    worlds: others,
  }))
}

function propertiesText(): readonly string[] {
  const out: string[] = ['Properties']
  for (const { id, says, because, families } of properties)
    out.push(
      '',
      `  ${id}  (${families.map((it) => it.id).join(', ')})`,
      ...under(says),
      ...under(because),
    )
  out.push('', 'Properties about the end (poolproof liveness)')
  for (const { id, says, because, families } of livenessProperties)
    out.push(
      '',
      `  ${id}  (${families.map((it) => it.id).join(', ')})`,
      ...under(says),
      ...under(because),
    )
  return out
}
function propertiesData(): readonly object[] {
  return [
    ...properties.map((it) => ({ it, about: 'states' })),
    ...livenessProperties.map((it) => ({ it, about: 'the end' })),
  ].map(({ it: { id, says, because, families }, about }) => ({
    id,
    about,
    says,
    because,
    families: families.map((it) => it.id),
  }))
}

/** The main bounds in short. */
function inShort(name: string, scope: Scope): string {
  const its = families.find(({ scopes: { searched, random } }) =>
    [...searched, random].some((it) => it?.name === name),
  )
  if (its?.wholePools === false) return `${its.size(scope)}, of ${its.id} designs`
  const { pages, faults, holders, nodes, extraReferences, reuse } = scope
  return [
    `${pages} page${pages === 1 ? '' : 's'}`,
    ...(nodes > 1 ? [`${nodes} NUMA nodes`] : []),
    `held by ${holders.join(', ')}`,
    `${faults} injected failure${faults === 1 ? '' : 's'}`,
    ...(extraReferences ? ['extra page references'] : []),
    ...(reuse ? ['freed pages used by others'] : []),
    ...(name.startsWith('random') ? ['for random runs'] : []),
  ].join('; ')
}
function scopesText(): readonly string[] {
  const named = [...namedScopes]
  return [
    'Scopes (search --scope NAME, or NAME,KEY=VALUE,... such as medium,pages=3)',
    ...named
      .filter(([name]) => !isWorld(name))
      .flatMap(([name, scope]) => ['', `  ${name}`, ...under(inShort(name, scope))]),
    '',
    'Scopes that are other worlds (a design names those it is held in)',
    ...named.flatMap(([name]) =>
      isWorld(name) ? ['', `  ${name}`, ...under(worldSays[name])] : [],
    ),
  ]
}
function scopesData(): readonly object[] {
  return [...namedScopes].map(([name, scope]) => ({
    name,
    ...askedBounds(scope),
    ...(isWorld(name) ? { says: worldSays[name] } : {}),
  }))
}

/** What it takes, and what it is where nobody says. */
function takes(bound: Bound): string {
  switch (bound.kind) {
    case 'number':
      return bound.least === bound.most ? String(bound.least) : `${bound.least} to ${bound.most}`
    case 'numbers':
      return `${bound.least} to ${bound.most}, several with +`
    case 'switch':
      return 'true or false'
    case 'one':
      return bound.names.join(', ')
    case 'several':
      return `${bound.names.join(', ')}, several with +`
  }
}
function boundsText(): readonly string[] {
  return [
    'Bounds (KEY=VALUE of a scope; * makes another world, not another size)',
    ...askedFor.flatMap(([name, it]) => [
      '',
      `  ${name}${it.world === true ? ' *' : ''}`,
      ...under(it.says),
      ...under(`takes ${takes(it)}`),
    ]),
  ]
}
function boundsData(): readonly object[] {
  return askedFor.map(([name, it]) => ({ name, ...it }))
}
