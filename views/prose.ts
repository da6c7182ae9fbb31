/** Text in lines. Words are never broken, not even at a hyphen: names stay what can be copied. */

/**
 * @param width columns of a line, where the words allow it
 * @param hanging what every line but the first begins with
 * @param first what the first line begins with
 */
export function prose(text: string, width: number, hanging = '', first = ''): string[] {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(/ +/)) {
    const longer = empty ? line + word : `${line} ${word}`
    if (empty || longer.length <= width) line = longer
    else {
      lines.push(line)
      line = hanging + word
    }
    empty = false
  }
  return [...lines, line]
}
/** Every line begins with the same. */
export const indented = (text: string, width: number, indent: string): string[] =>
  prose(text, width, indent, indent)
