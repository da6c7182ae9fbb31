import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
/** The command line as a user has it: the built program, in a process of its own. */
export function poolproof(
  cwd: string,
  argv: readonly string[],
  started: (interrupt: () => void) => void = () => {},
): Promise<Ended> {
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first.`)
  const child = spawn(process.execPath, [main, ...argv], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  started(() => child.kill('SIGINT'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** One paragraph, no stack trace, nothing that could upset a terminal. */
export function expectParagraph(stderr: string): void {
  expect(stderr).toMatch(/^poolproof: /)
  expect(stderr.trimEnd()).not.toMatch(/\n/)
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|internal error/)
  // eslint-disable-next-line no-control-regex
  expect(stderr.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f]/)
}
