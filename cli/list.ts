/** `poolproof list`: the designs with their sources, the properties, and the scopes with other worlds. */
import { designs } from '../model/designs.ts'
import { namedScopes } from '../model/scope/parse.ts'
import { worlds, worldSays, type WorldName } from '../model/scope/worlds.ts'
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

const isWorld = (name: string): name is WorldName => Object.hasOwn(worlds, name)
/** The main bounds in short. */
function boundsOf(name: string): string {
  const { pages, faults, holders, nodes, extraReferences, reuse } = namedScopes.get(name)!
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
  const named = [...namedScopes.keys()]
  return [
    'Scopes (search --scope NAME, or NAME,KEY=VALUE,... such as medium,pages=3)',
    ...named
      .filter((name) => !isWorld(name))
      .flatMap((name) => ['', `  ${name}`, ...under(boundsOf(name))]),
    '',
    'Scopes that are other worlds (a design names those it is held in)',
    ...named.filter(isWorld).flatMap((name) => ['', `  ${name}`, ...under(worldSays[name])]),
  ]
}
function scopesData(): readonly object[] {
  return [...namedScopes].map(([name, bounds]) => ({
    ...bounds,
    ...(isWorld(name) ? { says: worldSays[name] } : {}),
  }))
}
