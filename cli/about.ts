/** `poolproof explain NAME`: a property, a design or another world, as far as it is declared. */
import { existsSync } from 'node:fs'
import { reasonOf, scopesOf } from '../model/design.ts'
import { designs, type Design } from '../model/designs.ts'
import { askedBounds } from '../model/scope/bounds.ts'
import { namedScopes } from '../model/scope/parse.ts'
import { worldSays, type WorldName } from '../model/scope/worlds.ts'
import { properties, type Property } from '../properties/index.ts'
import { livenessProperties, type LivenessProperty } from '../properties/liveness/index.ts'
import { load, pathOf } from '../verify/store.ts'
import { indented, prose } from '../views/prose.ts'
import { designsNamed } from './arguments.ts'
import type { Given } from './option.ts'
import type { explainOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say, sayProse } from './output.ts'
import { columns, paint } from './terminal.ts'
import { unknownName, UsageError } from './usage-error.ts'

/** One declared verdict, with the file that shows it. */
interface Declared {
  readonly design: string
  readonly property: string
  readonly world?: WorldName
  readonly verdict: 'breaks' | 'keeps'
  readonly why: string
  /** Where it is saved, from the store on; none: no such file. */
  readonly counterexample?: {
    readonly path: string
    readonly name: string
    readonly length: number
  }
}

export async function explain({
  names,
  values: { store, json: path },
}: Given<typeof explainOptions>): Promise<number> {
  const [name, ...rest] = names
  if (name === undefined)
    throw new UsageError(
      'explain takes a property, a design or a scope, such as "poolproof explain no-unmap-after-unbind". "poolproof list" names all of them.',
    )
  const json = jsonFile(path)
  const property = properties.find(({ id }) => id === name)
  const liveness = livenessProperties.find(({ id }) => id === name)
  const design = designs.find(({ id }) => id === name)
  if (property !== undefined) json.write(aboutProperty(property, designsNamed(rest), store))
  else if (liveness !== undefined) json.write(aboutTheEnd(liveness, designsNamed(rest)))
  else if (rest.length > 0) throw ofOne(name, rest)
  else if (design !== undefined) json.write(aboutDesign(design, store))
  else if (namedScopes.has(name)) json.write(aboutScope(name))
  else throw unknown(name)
  return 0
}
const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id)
const unknown = (name: string): UsageError =>
  unknownName('property, design or scope', name, [
    ...idsOf(properties),
    ...idsOf(livenessProperties),
    ...idsOf(designs),
    ...namedScopes.keys(),
  ])
function ofOne(name: string, rest: readonly string[]): UsageError {
  const isKnown = designs.some(({ id }) => id === name) || namedScopes.has(name)
  return isKnown
    ? new UsageError(
        `explain takes one design or scope, or a property with designs: "${rest[0]}" cannot stand behind ${name}.`,
      )
    : unknown(name)
}

/** It is another design but for the worlds it names, and verified in these only. */
const isOnlyElsewhere = ({ scopes }: Design): boolean => scopes?.searched.length === 0
/** What a design declares, in the order of the properties. */
function declaredBy(design: Design, store: string): readonly Declared[] {
  const { id, breaks, worlds = {} } = design
  const one = (
    property: string,
    verdict: Declared['verdict'],
    why: string,
    world?: WorldName,
  ): Declared => {
    const file = verdict === 'breaks' ? saved(store, id, property, world) : undefined
    return {
      design: id,
      property,
      ...(world === undefined ? {} : { world }),
      verdict,
      why,
      ...(file === undefined ? {} : { counterexample: file }),
    }
  }
  return [
    ...(isOnlyElsewhere(design)
      ? []
      : Object.keys(breaks).map((id) => one(id, 'breaks', reasonOf(breaks, id)!))),
    ...(Object.entries(worlds) as [WorldName, NonNullable<Design['worlds']>[WorldName]][]).flatMap(
      ([world, { breaks: more = {}, keeps = {} } = {}]) => [
        ...Object.keys(more).map((id) => one(id, 'breaks', reasonOf(more, id)!, world)),
        ...Object.entries(keeps).map(([property, why]) => one(property, 'keeps', why, world)),
      ],
    ),
  ]
}
function saved(
  store: string,
  design: string,
  property: string,
  world?: WorldName,
): Declared['counterexample'] {
  const path = pathOf(store, design, property, world)
  if (!existsSync(path)) return undefined
  const length = load(store, design, property, world)!.steps.length
  const name = store === 'counterexamples' ? path.slice(store.length + 1, -'.json'.length) : path
  return { path, name, length }
}

const wrapped = (text: string, indent: string): void =>
  say(indented(text, columns(), indent).join('\n'))
/** A label, and what it says beside it. */
const field = (label: string, text: string): void =>
  say(prose(text, columns(), ' '.repeat(16), `  ${label.padEnd(14)}`).join('\n'))

function tell(it: Declared, title: string): void {
  const where = it.world === undefined ? '' : `  in the world ${it.world}`
  say(`  ${title}${where}${it.verdict === 'keeps' ? '  is kept' : ''}`)
  wrapped(it.why, '    ')
  if (it.counterexample === undefined) {
    if (it.verdict === 'breaks') say('    no counterexample is saved here')
    return
  }
  const { path, name, length } = it.counterexample
  wrapped(`${length} steps, saved as ${path}`, '    ')
  say(`    npx poolproof replay ${name}`)
}

function aboutProperty(property: Property, of: readonly Design[], store: string): object {
  const { id, says, because, exercisedBy, families, apart } = property
  const asked = of.filter(({ family }) => families.includes(family))
  if (asked.length === 0)
    throw new UsageError(
      `${id} is asked of ${idsOf(families).join(', ')} designs, and ${of.map((it) => it.id).join(', ')} is none.`,
    )
  say(paint('heading', id))
  field('says', says)
  field('because', because)
  field('asked of', `designs of the family ${idsOf(families).join(' or ')}`)
  if (apart !== undefined) field('apart', apart)
  field('exercised by', exercisedBy.says)
  const declared = asked
    .flatMap((design) => declaredBy(design, store))
    .filter((it) => it.property === id)
  const broken = declared.filter(({ verdict }) => verdict === 'breaks')
  say(broken.length === 0 ? '\nNo design is declared to break it.' : '\nbroken by')
  for (const it of broken) {
    say()
    tell(it, it.design)
  }
  const kept = declared.filter(({ verdict }) => verdict === 'keeps')
  if (kept.length > 0) say('\nkept in another world, by a design that breaks it elsewhere')
  for (const it of kept) {
    say()
    tell(it, it.design)
  }
  const others = asked.filter(
    (design) => !isOnlyElsewhere(design) && !broken.some((it) => it.design === design.id),
  )
  if (others.length > 0) {
    say()
    sayProse(`declared to hold: ${idsOf(others).join(', ')}`, '  ')
  }
  return { schema: 1, property: id, says, because, exercisedBy: exercisedBy.says, declared }
}

function aboutTheEnd(property: LivenessProperty, of: readonly Design[]): object {
  const { id, says, because, assumes, exercisedBy, families } = property
  say(paint('heading', id))
  field('says', says)
  field('because', because)
  field('assumes', assumes)
  field('exercised by', exercisedBy.says)
  const broken = of.flatMap(({ id: design, family, neverEnds = {} }) =>
    families.includes(family) && Object.hasOwn(neverEnds, id)
      ? [{ design, why: neverEnds[id]! }]
      : [],
  )
  say(broken.length === 0 ? '\nNo design is declared to break it.' : '\nbroken by')
  for (const { design, why } of broken) {
    say(`\n  ${design}`)
    wrapped(why, '    ')
    say(`    npx poolproof liveness ${design}`)
  }
  return { schema: 1, property: id, says, because, exercisedBy: exercisedBy.says, declared: broken }
}

function aboutDesign(design: Design, store: string): object {
  const { id, title, source, family, worlds = {}, neverEnds = {} } = design
  say(paint('heading', id))
  field('title', title)
  field('source', source)
  field('family', `${family.id}: ${family.says}`)
  const names = Object.keys(worlds)
  if (names.length > 0)
    field(isOnlyElsewhere(design) ? 'verified in' : 'other worlds', names.join(', '))
  const declared = declaredBy(design, store)
  say(declared.length === 0 ? '\nIt is declared to break nothing.' : '\nbreaks')
  for (const it of declared) {
    say()
    tell(it, it.property)
  }
  for (const [property, why] of Object.entries(neverEnds)) {
    say(`\n  ${property}  (npx poolproof liveness ${id})`)
    wrapped(why, '    ')
  }
  return { schema: 1, design: id, title, source, family: family.id, declared, neverEnds }
}

function aboutScope(name: string): object {
  const says = worldSays[name as WorldName] as string | undefined
  const bounds = askedBounds(namedScopes.get(name)!)
  const held = designs.filter(
    (it) =>
      Object.hasOwn(it.worlds ?? {}, name) ||
      scopesOf(it).searched.some((scope) => scope.name === name),
  )
  say(paint('heading', name))
  if (says !== undefined) field('says', says)
  field(
    'bounds',
    Object.entries(bounds)
      .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : String(value)}`)
      .join(' '),
  )
  if (held.length > 0) field('named by', idsOf(held).join(', '))
  return {
    schema: 1,
    scope: name,
    ...(says === undefined ? {} : { says }),
    bounds,
    designs: idsOf(held),
  }
}
