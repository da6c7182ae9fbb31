/**
 * What a step writes that is not its own, read off its text. A belt: assignments of the usual form to
 * names that the text neither declares nor takes as parameters, and calls that change a container.
 */
const STRINGS =
  /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g
const NAME = '[A-Za-z_$][\\w$]*'
const PATH = `(?:\\s*(?:\\.|\\?\\.)\\s*${NAME}|\\s*\\[[^\\]]*\\])`
const WRITES = new RegExp(
  `(?<![\\w$.#]|\\?\\.)(${NAME})(${PATH}*)\\s*(?:=(?![=>])|(?:[-+*/%&|^]|\\*\\*|<<|>>>?|&&|\\|\\||\\?\\?)=(?!=)|\\+\\+|--)`,
  'g',
)
const PREFIXED = new RegExp(`(?:\\+\\+|--)\\s*(${NAME})`, 'g')
const CHANGES = new RegExp(
  `(?<![\\w$.#]|\\?\\.)(${NAME})(${PATH}*)\\s*\\.\\s*(?:push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|set|add|delete|clear)\\(`,
  'g',
)
const DECLARED = /\b(?:let|const|var)\s+([^;\n]+)/g
/** A comma between two declarations, and none inside brackets. */
const BETWEEN = /,(?![^({[]*[)}\]])/
const PARAMETERS = /(?<!\b(?:if|for|while|switch)\s*)\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*(?:=>|\{)/g
const NAMES = new RegExp(NAME, 'g')
const KEYWORDS: ReadonlySet<string> = new Set(['const', 'let', 'var', 'return', 'yield', 'super'])

/** The name of a variable outside the function that it assigns or changes, or undefined. */
export function writesOutside(fn: (...args: never[]) => unknown): string | undefined {
  const text = fn.toString().replace(STRINGS, (it) => (it.startsWith('`') ? inTemplate(it) : "''"))
  const own = declaredIn(text)
  const foreign = (name: string | undefined): boolean =>
    name !== undefined && !own.has(name) && !KEYWORDS.has(name)
  for (const pattern of [WRITES, PREFIXED, CHANGES])
    for (const [, name, path = ''] of text.matchAll(pattern))
      if (foreign(name)) return `${name}${path}`
  return undefined
}

/** What is inserted into a template is text like any other. */
const inTemplate = (it: string): string =>
  [...it.matchAll(/\$\{([^}]*)\}/g)].map(([, inner]) => ` ${inner} `).join(';')

/** Names declared in the text, and parameters of it and of the functions in it. */
function declaredIn(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  const take = (from: string): void => {
    for (const [name] of from.matchAll(NAMES)) names.add(name)
  }
  for (const [, declared] of text.matchAll(DECLARED))
    for (const one of declared!.split(BETWEEN)) take(one.split(/=|\bof\b|\bin\b/)[0]!)
  for (const [, single] of text.matchAll(/([A-Za-z_$][\w$]*)\s*=>/g)) take(single!)
  for (const [, list] of text.matchAll(PARAMETERS)) take(list!)
  return names
}
