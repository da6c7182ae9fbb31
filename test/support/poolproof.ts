import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
/** What is said of colour and width on the machine that runs the tests is not passed on. */
const { COLUMNS: _, NO_COLOR: __, FORCE_COLOR: ___, ...plain } = process.env

/**
 * The command line as a user has it: the built program, in a process of its own.
 * @param stdout a file, by its number, instead of what is returned
 */
export function poolproof(
  cwd: string,
  argv: readonly string[],
  started: (interrupt: (signal?: NodeJS.Signals) => void, stderr: Readable) => void = () => {},
  { env = {}, stdout: to = 'pipe' }: { env?: NodeJS.ProcessEnv; stdout?: number | 'pipe' } = {},
): Promise<Ended> {
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first.`)
  const child = spawn(process.execPath, [main, ...argv], {
    cwd,
    stdio: ['ignore', to, 'pipe'],
    env: { ...plain, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  started((signal = 'SIGINT') => child.kill(signal), child.stderr!)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Without the lines that say how far the work is. */
export const withoutProgress = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !/^(\d+ s[,;]|\[ *\d+ of )/.test(line))
    .join('\n')

/** One paragraph, no stack trace, nothing that could upset a terminal. */
export function expectParagraph(stderr: string): void {
  expect(stderr).toMatch(/^poolproof: /)
  expect(stderr.trimEnd()).not.toMatch(/\n/)
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|internal error/)
  // eslint-disable-next-line no-control-regex
  expect(stderr.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f]/)
}
