/** Completion in a shell: the script, and what it asks for at every press of the key. */
import { dashed, type Names, type Takes } from './option.ts'
import { UsageError } from './usage-error.ts'
import { verbs, type Verb } from './verbs.ts'

const SCRIPT = `# Completion of poolproof for bash; for zsh after "autoload -U bashcompinit && bashcompinit".
_poolproof() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _poolproof poolproof
`
/** Files are left to the shell, where nothing is offered. */
const SHELLS = ['bash', 'zsh']

/** `complete bash` prints the script, `complete -- WORD...` what the last word may become, a line each. */
export async function complete(argv: readonly string[]): Promise<number> {
  const [first, ...words] = argv
  if (first === '--') {
    for (const it of await candidates(words)) process.stdout.write(`${it}\n`)
    return 0
  }
  if (first === undefined || !SHELLS.includes(first) || words.length > 0)
    throw new UsageError(
      `complete takes the name of a shell, ${SHELLS.join(' or ')}: "poolproof complete bash" prints a script for bash to read.`,
    )
  process.stdout.write(SCRIPT)
  return 0
}

/** Bash makes a word of its own of every "=". */
async function candidates(typed: readonly string[]): Promise<readonly string[]> {
  const words = typed.filter((word, i) => word !== '=' || i === typed.length - 1)
  const last = words.at(-1) === '=' ? '' : (words.at(-1) ?? '')
  return (await offered(words.slice(0, -1), last)).filter((it) => it.startsWith(last))
}
async function offered(before: readonly string[], last: string): Promise<readonly string[]> {
  const [name, ...rest] = before
  if (name === undefined) return [...verbNames(), '--help', '--version']
  if (name === 'help') return verbNames()
  const verb = verbs.find((it) => it.name === name)
  if (verb === undefined) return []
  const option = optionNamed(verb, rest.at(-1))
  if (option?.placeholder !== undefined)
    return option.completes === undefined ? [] : known(option.completes)
  if (last.startsWith('-')) return [...Object.keys(verb.options).map(dashed), '--help']
  return verb.completes === undefined ? [] : known(verb.completes)
}
const optionNamed = (verb: Verb, word: string | undefined): Takes<unknown> | undefined =>
  Object.entries(verb.options).find(
    ([key, { short }]) => word === dashed(key) || (short !== undefined && word === `-${short}`),
  )?.[1]

const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id)
const verbNames = (): string[] => [...verbs.map(({ name }) => name), 'help', 'complete']

/** Only what is asked for is loaded. */
async function known(what: Names | readonly string[]): Promise<readonly string[]> {
  if (typeof what !== 'string') return what
  if (what === 'designs') return idsOf((await import('../model/designs.ts')).designs)
  if (what === 'scopes') return [...(await import('../model/scope/parse.ts')).namedScopes.keys()]
  if (what === 'mutants') return idsOf((await import('../mutants/index.ts')).mutants)
  const { properties } = await import('../properties/index.ts')
  const { livenessProperties } = await import('../properties/liveness/index.ts')
  return idsOf([...properties, ...livenessProperties])
}
