/** A saved counterexample: the steps themselves, never only a seed. */
import { z } from 'zod'
import { keyTwice } from '../files/json.ts'
import { shortened } from '../files/printable.ts'
import { everyBound, type Bound, type Scope } from '../model/scope/bounds.ts'
import { contradiction } from '../model/scope/contradiction.ts'

export const SCHEMA = 1

/** Ten times what there is: a file that has more was not written here. */
const name = z.string().max(500)
const MOST_STEPS = 20_000
const value = z.union([z.null(), z.boolean(), z.number(), name])

/** What a file may say of a bound. One that came later is only written where it differs: a file stays as it was. */
function typeOf(bound: Bound): z.ZodType {
  const type = valuesOf(bound)
  return bound.later === true ? type.default(bound.base) : type
}
function valuesOf(bound: Bound): z.ZodType {
  switch (bound.kind) {
    case 'number':
      return within(bound)
    case 'numbers':
      return z.array(within(bound)).min(1).max(16)
    case 'switch':
      return z.boolean()
    case 'one':
      return z.enum(bound.names)
    case 'several':
      return z.array(z.enum(bound.names)).max(bound.names.length)
  }
}
const within = ({ least, most }: { readonly least: number; readonly most: number }): z.ZodInt =>
  z.int().min(least).max(most)
const scope = z.strictObject({
  name,
  ...Object.fromEntries(everyBound.map(([bound, it]) => [bound, typeOf(it)])),
}) as unknown as z.ZodType<Scope>
const schema = z.strictObject({
  schema: z.literal(SCHEMA),
  design: name,
  /** Digest of the design's behaviour when this was saved. */
  digest: name,
  property: name,
  /** What was wrong, as the mechanism reported it. */
  detail: z.string().max(10_000),
  scope: scope.superRefine((it, context) => {
    const wrong = contradiction(it)
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong })
  }),
  steps: z
    .array(
      z.strictObject({
        context: name,
        fn: name,
        step: name,
        choice: value.optional(),
      }),
    )
    .min(1)
    .max(MOST_STEPS),
  found: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('search'), scope: name }),
    z.strictObject({ by: z.literal('random'), seed: z.int(), run: z.int() }),
  ]),
  date: z.iso.date(),
})
export type Counterexample = z.infer<typeof schema>

/** A file that cannot be used, said in one paragraph. */
export class MalformedCounterexample extends Error {
  override readonly name = 'MalformedCounterexample'
}

/** Parses the text of a counterexample file. `file` is only named in errors. */
export function parseCounterexample(text: string, file: string): Counterexample {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1]
    throw new MalformedCounterexample(
      `${file} is not JSON${at === undefined ? '' : ` (from byte ${at} on)`}. The file may be cut short; it was left untouched. Delete it and run "poolproof verify" to find the counterexample again.`,
    )
  }
  const twice = keyTwice(text)
  if (twice !== undefined)
    throw new MalformedCounterexample(
      `${file}: field "${shortened(twice)}" stands in one object twice. The file was left untouched. Leave one of them, or delete the file and run "poolproof verify" to find the counterexample again.`,
    )
  const version = (data as { schema?: unknown } | null)?.schema
  if (version !== SCHEMA)
    throw new MalformedCounterexample(
      `${file}: field "schema" is ${version === undefined ? 'missing' : said(version)}, this poolproof reads version ${SCHEMA}. The file was left untouched. Replay it with the poolproof that wrote it, or delete it and run "poolproof verify" to find the counterexample again.`,
    )
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const { field, wrong } = told(parsed.error.issues[0]!)
  throw new MalformedCounterexample(
    `${file}: field "${shortened(field)}": ${shortened(wrong, 400)}. The file was left untouched. Mend the field, or delete the file and run "poolproof verify" to find the counterexample again.`,
  )
}
function told(issue: z.core.$ZodIssue): { field: string; wrong: string } {
  if (issue.code !== 'unrecognized_keys')
    return { field: issue.path.join('.'), wrong: issue.message.replace(/\.$/, '') }
  const field = [...issue.path, issue.keys[0]!].join('.')
  return { field, wrong: 'there is no such field in a counterexample' }
}

/** A value as it stands in the file, if it is a short one. */
const said = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'no number' : shortened(JSON.stringify(value), 40)

/** In the order of the table of bounds. */
const withoutDefaults = ({ name, ...its }: Scope): object => ({
  name,
  ...Object.fromEntries(
    everyBound
      .filter(([bound, { later, base }]) => later !== true || its[bound] !== base)
      .map(([bound]) => [bound, its[bound]]),
  ),
})

export const formatCounterexample = (it: Counterexample): string => {
  const { steps, ...rest } = it
  const head = { ...rest, scope: withoutDefaults(rest.scope) }
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`)
  const text = JSON.stringify({ ...head, steps: [] }, null, 2)
  return `${text.replace('"steps": []', `"steps": [\n${lines.join(',\n')}\n  ]`)}\n`
}
