/** `poolproof show DESIGN`: the functions of a design as C, or what differs between two designs. */
import type { Design } from '../model/designs.ts'
import type { Scope } from '../model/scope/bounds.ts'
import { patchOf, patchText, type Patch } from '../views/design-code/patch.ts'
import { namesIn, programOf, type Program } from '../views/design-code/program.ts'
import { programText } from '../views/design-code/text.ts'
import { designsNamed, scopeNamed } from './arguments.ts'
import { jsonFile } from './json-file.ts'
import type { Given } from './option.ts'
import type { showOptions } from './options.ts'
import { say } from './output.ts'
import { paint } from './terminal.ts'
import { didYouMean, UsageError } from './usage-error.ts'

export async function show({
  names,
  values: { diff, scope: scopeText, json: path },
}: Given<typeof showOptions>): Promise<number> {
  const [id, ...functions] = names
  if (id === undefined)
    throw new UsageError(
      'show takes a design, such as "poolproof show linux-6.12". "poolproof list designs" names all of them.',
    )
  const [design] = designsNamed([id])
  const [other] = diff === undefined ? [] : designsNamed([diff])
  const scope = scopeNamed(scopeText)
  const json = jsonFile(path)
  refuseUnknown(functions, other === undefined ? [design!] : [design!, other], scope)
  if (other === undefined) {
    const program = programOf(design!, scope, { names: functions, origins: true })
    tell(program)
    json.write(dataOf(program))
    return 0
  }
  const [from, to] = [other, design!].map((it) =>
    programOf(it, scope, { names: functions, origins: false }),
  )
  const patch = patchOf(from!, to!)
  tellPatch(patch)
  json.write({ schema: 1, scope: scope.name, ...patch })
  return 0
}

/** A name that one of the designs has is enough. */
function refuseUnknown(
  functions: readonly string[],
  designs: readonly Design[],
  scope: Scope,
): void {
  const known = [...new Set(designs.flatMap((it) => namesIn(it, scope)))]
  const ids = designs.map(({ id }) => id).join(' and ')
  for (const name of functions)
    if (!known.includes(name))
      throw new UsageError(
        `${ids} ${designs.length === 1 ? 'has' : 'have'} no function "${name}", and no file of the model has.${didYouMean(name, known)} ${near(name, known)}"poolproof show ${designs[0]!.id}" prints all of the pool.`,
      )
}
/** Names that have a word in common with what was typed. */
function near(name: string, known: readonly string[]): string {
  const words = name.split('_').filter((it) => it.length > 3 && it !== 'page' && it !== 'pool')
  const alike = known.filter((it) => words.some((word) => it.includes(word))).slice(0, 8)
  return alike.length === 0 ? '' : `There are ${alike.join(', ')}. `
}

function tell(program: Program): void {
  say(programText(program).join('\n'))
}
function tellPatch(patch: Patch): void {
  say(patchText(patch).map(painted).join('\n'))
}
const painted = (line: string): string => {
  if (line.startsWith('@@ ')) return paint('heading', line)
  if (line.startsWith('+')) return paint('good', line)
  return line.startsWith('-') ? paint('bad', line) : line
}

const dataOf = ({ design, scope, functions }: Program): object => ({
  schema: 1,
  design: design.id,
  scope: scope.name,
  functions: functions.map(({ name, file, doc, lines }) => ({
    name,
    file,
    docstring: doc ?? '',
    lines,
  })),
})
