/**
 * `npm test -- [--seed N] [vitest arguments]`: builds, then runs the tests with a seed they can read.
 * What is about reading files and logs, and about printing, is apart: `npm run test:cli`. `npm run test:all`
 * compares more with more, as CI=true does: see support/every-design.ts.
 * `npm run pin`: instead measures the designs and writes down what the tests compare with, see updating.ts.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from '../cli/build.mjs'

const SEEDS = 2 ** 31

/** Takes `--seed N` or `--seed=N` out of the arguments; the last one counts. */
function takeSeed(argv) {
  const rest = []
  let text = '1'
  for (let i = 0; i < argv.length; i += 1) {
    if (argv[i] === '--seed') text = argv[(i += 1)]
    else if (argv[i].startsWith('--seed=')) text = argv[i].slice('--seed='.length)
    else rest.push(argv[i])
  }
  return { text, rest }
}

function run(command, args, env = process.env) {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' })
  if (error !== undefined) process.stderr.write(`test: ${command}: ${error.message}\n`)
  return status ?? 1
}

const { text, rest } = takeSeed(process.argv.slice(2))
if (text === undefined || !/^\d+$/.test(text) || Number(text) >= SEEDS) {
  const said = text === undefined ? 'and none was given' : `not "${text}"`
  process.stderr.write(
    `test: --seed takes a whole number from 0 to ${SEEDS - 1}, ${said}. Every other argument goes to vitest, as in: npm test -- --seed 7 test/model/world.test.ts\n`,
  )
  process.exit(3)
}
build('no test was run')
const seed = String(Number(text))
if (rest[0] === '--all') {
  rest.shift()
  process.env.CI = 'true'
}
const compared =
  process.env.CI === 'true'
    ? 'every design'
    : 'one design of each family where ways of exploring are compared (npm run test:all: every design)'
process.stdout.write(`seed ${seed}, ${compared}\n`)
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const env = { ...process.env, POOLPROOF_SEED: seed }
const tests = (args, more = {}) =>
  run(process.execPath, [vitest, 'run', ...args], { ...env, ...more })
/** What is read and printed, mostly by starting processes; the rest is about designs, properties and the engine. */
const CLI = [
  'test/cli/commands.test.ts',
  'test/cli/help.test.ts',
  'test/cli/output.test.ts',
  'test/cli/recorded.test.ts',
  'test/house/ladders.test.ts',
  'test/conformance/files.test.ts',
  'test/cli/from-source.test.ts',
  'test/logs/',
  'test/mistakes/command.test.ts',
  'test/mistakes/lint.test.ts',
  'test/house/package.test.ts',
  'test/cli/replay.test.ts',
  'test/cli/replay-fuzz.test.ts',
  'test/cli/search-tells.test.ts',
  'test/cli/show.test.ts',
  'test/views/ladder.test.ts',
]
if (rest[0] === '--cli') process.exit(tests([...CLI, ...rest.slice(1)]))
if (rest.length === 0)
  process.exit(tests(CLI.map((path) => `--exclude=${path.endsWith('/') ? `${path}**` : path}`)))
if (rest[0] !== '--pin') process.exit(tests(rest))
// The tables have a column for every design that is pinned: they come last.
const pins = ['test/verify/pins.test.ts', 'test/verify/designs.test.ts']
const update = { POOLPROOF_UPDATE: '1' }
const done =
  tests(pins, update) ||
  tests(
    ['test/house/readme.test.ts', 'test/house/ladders.test.ts', 'test/house/findings.test.ts'],
    update,
  )
run('npx', ['oxfmt', 'test/pins.json', 'test/worlds.json'])
process.exit(done)
