/** The verbs as commander has them, with help for each, and mistakes that say what was meant. */
import { Command, CommanderError } from 'commander'
import { indented, prose } from '../views/prose.ts'
import { built, dashed, valuesOf } from './option.ts'
import { columns } from './terminal.ts'
import { didYouMean, unknownName, UsageError } from './usage-error.ts'
import { verbs, type Verb } from './verbs.ts'

/** @param finish is told the exit code of the verb that ran */
export function program(
  version: string,
  signal: AbortSignal,
  finish: (code: number) => void,
): Command {
  const root = new Command('poolproof')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
    .usage('VERB [OPTION...]')
    .description(
      "poolproof checks designs of the shutdown of the Linux kernel's page_pool against properties: who owns a page, who may unmap it, when the pool may be freed.",
    )
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({
      helpWidth: columns(),
      minWidthToWrap: 20,
      optionDescription: ({ description }) => description,
      subcommandTerm: (command) => command.name(),
      visibleOptions: (command) =>
        [...command.options, ...helpOf(command)].filter(({ hidden }) => !hidden),
    })
  for (const verb of verbs) add(root, verb, signal, finish)
  root
    .command('help [verb]')
    .usage('[VERB]')
    .description('Print the help of a verb.')
    .action((name?: string) => (name === undefined ? root : commandNamed(root, name)).help())
  root
    .command('complete [shell]')
    .usage('bash|zsh|fish|powershell')
    .description('Print a script that teaches a shell to complete commands.')
    .allowUnknownOption()
    .addHelpText('after', () => examples([['complete bash >> ~/.bashrc', 'for bash']]))
  return root.addHelpText('after', () =>
    section('Exit codes', [
      ...[
        'as expected',
        'something unexpected',
        'not decided',
        'a mistake in the command or a file, or an internal error',
      ].map((it, code) => `${code}  ${it}`),
      '4  poolproof was to be compiled first, and does not compile ("npm run verify")',
    ]),
  )
}
const helpOf = (command: Command) => {
  const option = command.createOption('-h, --help', 'print this')
  return [option]
}

function add(root: Command, verb: Verb, signal: AbortSignal, finish: (code: number) => void): void {
  const { name, takes, says, more, options, run } = verb
  const command = root
    .command(name)
    .argument('[names...]')
    .usage(`${takes} [OPTION...]`)
    .summary(says)
    .description(more === undefined ? says : `${says}\n${more}`)
    .addHelpText('after', () => examples(verb.examples) + exits(verb.exits))
  for (const [key, it] of Object.entries(options))
    for (const option of built(key, it)) command.addOption(option)
  command.configureHelp({ ...command.configureHelp(), visibleArguments: () => [] })
  command.action(async (names: readonly string[]) => {
    finish(await run(names, valuesOf(options, command.opts()), signal))
  })
}

const section = (title: string, lines: readonly string[]): string =>
  `\n${title}:\n${lines.flatMap((line) => prose(line, columns(), '     ', '  ')).join('\n')}\n`
const examples = (list: Verb['examples']): string =>
  `\nExamples:\n${list
    .flatMap(([command, does]) => [
      `  poolproof ${command}`,
      ...indented(does, columns(), '      '),
    ])
    .join('\n')}\n`
const exits = (list: Verb['exits']): string =>
  section('Exit codes', [
    ...list.flatMap((it, code) => (it === '' ? [] : [`${code}  ${it}`])),
    '3  a mistake in the command or a file, or an internal error',
  ])

function commandNamed(root: Command, name: string): Command {
  const found = root.commands.find((it) => it.name() === name)
  if (found !== undefined) return found
  throw unknownName(
    'verb',
    name,
    root.commands.map((it) => it.name()),
    'help',
  )
}

/** What commander has to say, in our words; undefined when it printed what was asked for. */
export function mistake(
  root: Command,
  argv: readonly string[],
  { code, message }: CommanderError,
): UsageError | undefined {
  if (code === 'commander.version' || code.startsWith('commander.help')) return undefined
  const said = /'([^']*)'/.exec(message)?.[1] ?? ''
  const command = root.commands.find((it) => argv.includes(it.name())) ?? root
  const of = command === root ? '' : `${command.name()} `
  const help = `"poolproof ${of}--help"`
  if (code === 'commander.unknownCommand')
    return unknownName(
      'verb',
      said,
      root.commands.map((it) => it.name()),
      'help',
    )
  if (code === 'commander.unknownOption') {
    const known = [...command.options, ...helpOf(command)].flatMap(({ long, hidden }) =>
      hidden || long == null ? [] : [long],
    )
    const where = of === '' ? '' : ` of ${of.trim()}`
    return new UsageError(
      `There is no option ${said}${where}.${didYouMean(said, known)} ${help} shows what there is.`,
    )
  }
  if (code === 'commander.optionMissingArgument')
    return new UsageError(`${optionIn(said)} needs a value. ${help} shows which.`)
  return new UsageError(`${message.replace(/^error: /, '')}. ${help} shows what it takes.`)
}
const optionIn = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? dashed(flags)
