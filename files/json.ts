/** JSON that may not say one thing twice. */

/** For JSON that parses: a key that one object of the JSON has twice: whichever was meant, a reader sees the other. */
export function keyTwice(json: string): string | undefined {
  /** The keys of each object that is open; of an array none are kept. */
  const open: (Set<string> | undefined)[] = []
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]+|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (colon !== undefined) {
      const name = JSON.parse(text!) as string
      const keys = open.at(-1)!
      if (keys.has(name)) return name
      keys.add(name)
    }
  }
  return undefined
}
