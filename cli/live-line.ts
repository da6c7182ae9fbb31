/** One status line on a terminal, rewritten in place; silent when stderr is a file or a pipe. */
import { printable } from '../files/printable.ts'
import { steer } from './printable-output.ts'

export interface LiveLine {
  show(who: string, text: string): void
  clear(): void
}

export function liveLine(): LiveLine {
  const { stderr } = process
  if (!stderr.isTTY) return { show: () => {}, clear: () => {} }
  const started = Date.now()
  const now = new Map<string, string>()
  return {
    show: (who, text) => {
      now.set(who, text)
      const seconds = Math.round((Date.now() - started) / 1000)
      const all = [...now].map(([name, doing]) => `${name}: ${doing}`).slice(-2)
      const line = printable(`${seconds} s  ${all.join('  |  ')}`)
      steer(stderr, `\r\u001b[K${line.slice(0, (stderr.columns ?? 80) - 1)}`)
    },
    clear: () => void steer(stderr, '\r\u001b[K'),
  }
}
