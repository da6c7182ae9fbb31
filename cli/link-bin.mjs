/**
 * Run by `prepare`: puts this checkout's own command into node_modules/.bin, so that `npx poolproof`
 * runs it directly. Left to itself npx would install the checkout into its cache first.
 */
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs'

const target = new URL('../dist/cli/main.js', import.meta.url)
const folder = new URL('../node_modules/.bin/', import.meta.url)
if (existsSync(folder) && existsSync(target)) {
  const link = new URL('poolproof', folder)
  rmSync(link, { force: true })
  symlinkSync('../../dist/cli/main.js', link)
  chmodSync(target, 0o755)
}
