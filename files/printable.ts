/**
 * What was read may be shown, and must not steer the terminal it is shown on: control characters, marks that
 * turn the direction of writing, and halves of surrogate pairs are written as \x1b, \u202e.
 */
const odd = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const oddInLines = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** On one line: a line feed is written as \n. */
export const printable = (text: string): string => text.replace(odd, escaped)
/** Line feeds and tabs stay. */
export const printableLines = (text: string): string => text.replace(oddInLines, escaped)

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  const code = character.codePointAt(0)!
  const digits = code.toString(16)
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
}

/** At most so many characters, with a mark where some are left out: for what an error quotes. */
export const shortened = (text: string, most = 200): string =>
  text.length <= most ? text : `${text.slice(0, most)}... (${text.length} characters)`
