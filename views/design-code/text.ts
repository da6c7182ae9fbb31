/** A design as a file of C: what it is, and each of its functions with what its author says of it. */
import { comment } from '../c-code/print.ts'
import { prose } from '../prose.ts'
import { library } from './library.ts'
import type { CFunction, Program } from './program.ts'

export const programText = (program: Program): readonly string[] => [
  ...headerOf(program),
  ...program.functions.flatMap((it) => ['', ...functionText(it)]),
]
export function functionText({ doc, file, isHelper, lines }: CFunction): readonly string[] {
  const where = isHelper ? `${file}; not a function of the kernel` : file
  const said = [doc, where].filter((it) => it !== undefined && it !== '').join('\n')
  return [...(said === '' ? [] : comment(said, 0)), ...lines]
}

export function headerOf({ design, scope, decided }: Program): readonly string[] {
  const { id, title, source, fields, breaks } = design
  const rows = [
    `${id}: ${title}`,
    '',
    `source: ${source}`,
    `file: ${library().fileOf(id) ?? 'unknown'}`,
    `struct page_pool adds: ${orNothing(Object.keys(fields(scope)))}`,
    `breaks: ${orNothing(Object.keys(breaks))}`,
    `scope ${scope.name}: ${worldOf(decided)}`,
    '',
    'A step is atomic; between two of them any other context may run.',
  ]
  return comment(rows.flatMap((row) => prose(row, WIDTH, '  ')).join('\n'), 0)
}
/** Columns inside a comment. */
const WIDTH = 77
const orNothing = (names: readonly string[]): string => names.join(', ') || 'nothing'
/** Conditions on the scope that were met: what is there only without them, or only with them, is left out. */
function worldOf(decided: Program['decided']): string {
  const of = (wanted: boolean, word: string): readonly string[] => {
    const found = [...decided].filter(([, value]) => value === wanted).map(([text]) => text)
    return found.length === 0 ? [] : [`${word} ${found.join(', ')}`]
  }
  return [...of(true, 'with'), ...of(false, 'without')].join('; ') || 'nothing depends on it'
}
