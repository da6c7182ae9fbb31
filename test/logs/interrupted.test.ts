/** Ctrl-C in a long file: what was read so far is told, and that it was not all. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readLog } from '../../logs/read-log.ts'
import { exitCodeOf } from '../../logs/report.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { threePools } from './trace.ts'

const folder = temporaryFolder()

it('an interrupted file is told as far as it was read', async () => {
  const path = join(folder, 'long.txt')
  const once = `${threePools().join('\n')}\n`
  writeFileSync(path, once.repeat(200))
  const abort = new AbortController()
  const { verdict, reasons, lines, pools } = await readLog(path, () => abort.abort(), abort.signal)
  expect(exitCodeOf(verdict)).toBe(2)
  expect(reasons[0]).toMatch(/^interrupted: only the first \d+ bytes \(\d+ %\) were read$/)
  expect(lines).toBeLessThan(200 * threePools().length)
  expect(pools.every(({ impossible }) => impossible.length === 0)).toBe(true)
})
