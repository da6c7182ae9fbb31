/** Text in columns of 72 characters, a column for each CPU: no line stands beside another, so all may be long. */

export const WIDTH = 72
/** Where the columns begin. The text of each may run on below the head of the next. */
const STARTS: Readonly<Record<number, readonly number[]>> = { 1: [0], 2: [0, 28], 3: [0, 18, 36] }

export interface Columns {
  readonly cpus: readonly number[]
  readonly starts: readonly number[]
}
export const columnsFor = (cpus: readonly number[]): Columns => ({
  cpus,
  starts: STARTS[cpus.length] ?? cpus.map((_, i) => i * 12),
})
/** The names of the CPUs, underlined. */
export const headOf = (columns: Columns): string[] => {
  const heads = columns.cpus.map((cpu) => `CPU ${cpu}`)
  return [
    across(columns, heads),
    across(
      columns,
      heads.map((head) => '-'.repeat(head.length)),
    ),
  ]
}
const across = ({ starts }: Columns, cells: readonly string[]): string =>
  cells.reduce((line, cell, i) => line.padEnd(starts[i]!) + cell, '')

/** A line of a CPU's column, wrapped to what is left of its width. */
export function place(
  { cpus, starts }: Columns,
  cpu: number,
  { text, indent }: { readonly text: string; readonly indent: number },
): string[] {
  const margin = (starts[cpus.indexOf(cpu)] ?? 0) + indent
  return wrap(text, WIDTH - margin).map((piece, i) => ' '.repeat(margin + (i > 0 ? 2 : 0)) + piece)
}
/** What happens on no CPU. */
export function banner(text: string): string[] {
  return wrap(text, WIDTH - 4).map((piece) => {
    const said = ` ${piece} `
    const left = Math.floor((WIDTH - said.length) / 2)
    return `${'.'.repeat(left)}${said}`.padEnd(WIDTH, '.')
  })
}

/** Breaks at a space, or inside a long C expression before `->`, `(` or `_`. */
export function wrap(text: string, width: number): string[] {
  const pieces: string[] = []
  let rest = text
  for (let room = width; rest.length > room; room = width - 2) {
    const head = rest.slice(0, room + 1)
    const breaks = [' ', '->', '(', '_'].map((mark) => head.lastIndexOf(mark))
    const cut = breaks.find((at) => at > room / 3) ?? room
    pieces.push(rest.slice(0, cut))
    rest = rest.slice(cut).trimStart()
  }
  return [...pieces, rest]
}
