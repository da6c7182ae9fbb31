/** `poolproof list`: the designs with their sources, and the promises. */
import { designs } from '../model/designs/index.ts'
import { worldSays } from '../model/scope.ts'
import { properties } from '../properties/index.ts'
import { nothingMore } from './arguments.ts'
import { wrap } from '../views/columns.ts'

export async function list(argv: readonly string[]): Promise<number> {
  nothingMore('list', argv)
  const out: string[] = ['Designs', '']
  for (const { id, title, source, family, breaks, worlds = {} } of designs) {
    out.push(`  ${id}  (${family})`)
    out.push(...wrap(title, 90).map((line) => `    ${line}`))
    out.push(...wrap(source, 90).map((line) => `    ${line}`))
    const broken = Object.keys(breaks)
    if (broken.length > 0)
      out.push(...wrap(`breaks ${broken.join(', ')}`, 90).map((line) => `    ${line}`))
    for (const [world, { breaks: more = {}, keeps = {} }] of Object.entries(worlds)) {
      const said = [
        ...Object.keys(more).map((property) => `breaks ${property}`),
        ...Object.keys(keeps).map((property) => `keeps ${property}`),
      ]
      if (said.length > 0)
        out.push(...wrap(`in ${world}: ${said.join(', ')}`, 90).map((line) => `    ${line}`))
    }
    out.push('')
  }
  out.push('Other worlds (a design names those it is held in)', '')
  for (const [world, says] of Object.entries(worldSays))
    out.push(`  ${world}`, ...wrap(says, 90).map((line) => `    ${line}`))
  out.push('', 'Properties', '')
  for (const { id, says, because, families } of properties) {
    out.push(`  ${id}  (${families.join(', ')})`)
    out.push(...wrap(says, 90).map((line) => `    ${line}`))
    out.push(...wrap(because, 90).map((line) => `    ${line}`), '')
  }
  process.stdout.write(`${out.join('\n')}\n`)
  return 0
}
