/** `npm run verify -- DESIGN`: compiles the sources as they are now, then runs poolproof in the same process. */
import { build } from './build.mjs'

const DONE = { verify: 'verified', mutants: 'run', search: 'searched', replay: 'replayed' }
const verb = process.argv[2] ?? ''
build(`nothing was ${Object.hasOwn(DONE, verb) ? DONE[verb] : 'done'}`)
await import('../dist/cli/main.js')
