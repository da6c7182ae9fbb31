/** A saved counterexample: the steps themselves, never only a seed. */
import { z } from 'zod'
import { contradiction, DRIVERS, HOLDERS, scopeLimits } from '../model/scope.ts'

export const SCHEMA = 1

const within = (bound: keyof typeof scopeLimits): z.ZodInt =>
  z.int().min(scopeLimits[bound][0]).max(scopeLimits[bound][1])
const value = z.union([z.null(), z.boolean(), z.number(), z.string()])
const scope = z.strictObject({
  name: z.string(),
  pages: within('pages'),
  pools: within('pools'),
  cpus: within('cpus'),
  cacheSize: within('cacheSize'),
  bulk: within('bulk'),
  ringSize: within('ringSize'),
  rxSlots: within('rxSlots'),
  counterBits: within('counterBits'),
  counterStarts: z.array(within('counterStarts')).min(1).max(16),
  faults: within('faults'),
  dmaSync: z.boolean(),
  holders: z.array(z.enum(HOLDERS)),
  extraReferences: z.boolean(),
  reuse: z.boolean(),
  rxqs: within('rxqs'),
  ids: within('ids'),
  needSync: z.boolean().default(true),
  indexBits: z.boolean().default(true),
  percpu: z.boolean().default(false),
  preempt: z.boolean().default(true),
  softirqsOnRtnlCpu: z.boolean().default(false),
  duties: z.boolean().default(false),
  descriptors: z.boolean().default(false),
  irqs: z.boolean().default(false),
  napiLinks: z.boolean().default(false),
  driver: z.enum(DRIVERS).default('nic'),
  nodes: within('nodes').default(1),
  frags: z.boolean().default(false),
  whole: z.boolean().default(false),
})
const schema = z.strictObject({
  schema: z.literal(SCHEMA),
  design: z.string(),
  /** Digest of the design's behaviour when this was saved. */
  digest: z.string(),
  property: z.string(),
  /** What was wrong, as the mechanism reported it. */
  detail: z.string(),
  scope: scope.superRefine((it, context) => {
    const wrong = contradiction(it)
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong })
  }),
  steps: z
    .array(
      z.strictObject({
        context: z.string(),
        fn: z.string(),
        step: z.string(),
        choice: value.optional(),
      }),
    )
    .min(1),
  found: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('search'), scope: z.string() }),
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
  const version = (data as { schema?: unknown } | null)?.schema
  if (version !== SCHEMA)
    throw new MalformedCounterexample(
      `${file}: field "schema" is ${version === undefined ? 'missing' : JSON.stringify(version)}, this poolproof reads version ${SCHEMA}. The file was left untouched. Replay it with the poolproof that wrote it, or delete it and run "poolproof verify" to find the counterexample again.`,
    )
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new MalformedCounterexample(
    `${file}: field "${issue.path.join('.')}": ${issue.message}. The file was left untouched. Mend the field, or delete the file and run "poolproof verify" to find the counterexample again.`,
  )
}

/** In the order of the schema. Bounds that came later are only written where they differ: a file stays as it was. */
function withoutDefaults(it: Counterexample['scope']): object {
  return Object.fromEntries(
    Object.entries(scope.shape).flatMap(([bound, type]) => {
      const value = it[bound as keyof typeof it]
      const implied = type instanceof z.ZodDefault && type.def.defaultValue === value
      return implied ? [] : [[bound, value]]
    }),
  )
}

export const formatCounterexample = (it: Counterexample): string => {
  const { steps, ...rest } = it
  const head = { ...rest, scope: withoutDefaults(rest.scope) }
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`)
  const text = JSON.stringify({ ...head, steps: [] }, null, 2)
  return `${text.replace('"steps": []', `"steps": [\n${lines.join(',\n')}\n  ]`)}\n`
}
