/**
 * What verdicts.json holds: of each design the verdicts of a run that searched everything and found all as
 * declared, under a digest of what they rest on.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { keyTwice } from '../../files/json.ts'
import { shortened } from '../../files/printable.ts'

export const SCHEMA = 1
/** The world of every design, beside the names of the others. */
export const EVERYWHERE = 'everywhere'

const name = z.string().min(1).max(500)
const count = z.int().min(0)
const searched = z.strictObject({
  scope: name,
  states: z.int().min(1),
  standsFor: z.int().min(1),
  depth: count,
})
const verdict = z
  .strictObject({
    outcome: z.enum(['holds', 'holds so far', 'violated']),
    exercised: z.boolean().default(true),
    /** Each with its counterexample: its file without folder and ending, and its steps. */
    ways: z.array(z.strictObject({ way: name, file: name, steps: z.int().min(1) })).default([]),
    /** In another world: ways that are declared for every world, of which none is saved. */
    everywhere: z.array(name).default([]),
  })
  .refine((it) => (it.outcome === 'violated') === it.ways.length + it.everywhere.length > 0, {
    message: 'is violated in some way, or in none and not violated',
  })
const world = z.strictObject({
  searched: z.array(searched).min(1),
  /** Random runs, and their steps. */
  runs: count,
  steps: count,
  /** By property. */
  verdicts: z.record(name, verdict),
})
const design = z.strictObject({
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'is no digest: 64 hexadecimal digits'),
  worlds: z.record(name, world),
})
const schema = z.strictObject({ schema: z.literal(SCHEMA), designs: z.record(name, design) })

export type Record = z.infer<typeof schema>
export type RecordedDesign = z.infer<typeof design>
export type RecordedWorld = z.infer<typeof world>
export type RecordedVerdict = z.infer<typeof verdict>
export type Worlds = RecordedDesign['worlds']

/** A file that cannot be used, said in one paragraph. */
export class MalformedRecord extends Error {
  override readonly name = 'MalformedRecord'
}
const WAY_OUT =
  'It was left untouched. Fetch it again (git checkout verdicts.json), or delete it and run "poolproof verify --all", which writes a new one.'

/** Parses the text of verdicts.json. `file` is only named in errors. Throws MalformedRecord. */
export function parseRecord(text: string, file: string): Record {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1]
    const from = at === undefined ? '' : ` (from byte ${at} on)`
    throw new MalformedRecord(`${file} is not JSON${from}. ${WAY_OUT}`)
  }
  const twice = keyTwice(text)
  if (twice !== undefined)
    throw new MalformedRecord(
      `${file}: field "${shortened(twice)}" stands in one object twice. ${WAY_OUT}`,
    )
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const path = issue.path.join('.')
  const wrong =
    issue.code === 'unrecognized_keys'
      ? `has a field "${issue.keys[0]!}", and there is none in a record`
      : issue.message.replace(/\.$/, '')
  throw new MalformedRecord(
    `${file}: ${path === '' ? 'the file' : `field "${shortened(path)}"`}: ${shortened(wrong, 400)}. ${WAY_OUT}`,
  )
}

/** As it stands in the file: a line for each scope and each property, so that a change shows as such. */
export function formatRecord({ designs }: Record): string {
  const all = Object.entries(designs).map(
    ([id, { digest, worlds }]) =>
      `${JSON.stringify(id)}: {\n"digest": "${digest}",\n"worlds": ${formatWorlds(worlds)}\n}`,
  )
  return `{\n"schema": ${SCHEMA},\n"designs": {\n${all.join(',\n')}\n}\n}\n`
}
function formatWorlds(worlds: Worlds): string {
  const all = Object.entries(worlds).map(([id, it]) => {
    const scopes = it.searched.map((one) => `  ${JSON.stringify(one)}`)
    const verdicts = Object.entries(it.verdicts).map(
      ([property, one]) => `  ${JSON.stringify(property)}: ${JSON.stringify(withoutDefaults(one))}`,
    )
    return [
      `${JSON.stringify(id)}: {`,
      `"searched": [\n${scopes.join(',\n')}\n],`,
      `"runs": ${it.runs}, "steps": ${it.steps},`,
      `"verdicts": {\n${verdicts.join(',\n')}\n}}`,
    ].join('\n')
  })
  return `{\n${all.join(',\n')}\n}`
}
const withoutDefaults = ({ outcome, exercised, ways, everywhere }: RecordedVerdict): object => ({
  outcome,
  ...(exercised ? {} : { exercised }),
  ...(ways.length === 0 ? {} : { ways }),
  ...(everywhere.length === 0 ? {} : { everywhere }),
})

/** Of what the verdicts rest on and of the verdicts themselves: neither can change without the other. */
export const digestOf = (restsOn: string, worlds: Worlds): string =>
  createHash('sha256')
    .update(`${restsOn}\n${formatWorlds(worlds)}`)
    .digest('hex')
