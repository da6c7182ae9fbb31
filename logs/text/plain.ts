/** A line without its line end, colours, and what a crash leaves in a file. */
export function plain(raw: string): string {
  let text = raw.charCodeAt(raw.length - 1) === 13 ? raw.slice(0, -1) : raw
  // eslint-disable-next-line no-control-regex
  if (text.includes('\u001b')) text = text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
  // eslint-disable-next-line no-control-regex
  if (text.includes('\u0000')) text = text.replace(/\u0000+/g, ' ')
  return text
}
