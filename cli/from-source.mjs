/** `npm run verify -- DESIGN`: compiles the sources as they are now, then runs poolproof in the same process. */
import { build } from './build.mjs'

build(process.argv[2] === 'mutants' ? 'no mutant was run' : 'nothing was verified')
await import('../dist/cli/main.js')
