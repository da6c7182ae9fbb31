/** A line that no order of events explains. */
import type { Finding } from '../logs/report.ts'
import { para } from './paragraph.ts'

export function impossible(findings: readonly Finding[]): string[] {
  const [first, ...rest] = findings as [Finding, ...Finding[]]
  const lines = [
    ...para(`impossible: no behaviour of the model explains line ${first.at.line}`, 2),
    ...para(first.says, 4),
    ...para(`the model allows: ${first.allowed}`, 4),
    ...first.window.map((text, i) => {
      const mark = i === first.window.length - 1 ? '>' : ' '
      return `  ${mark} ${text.length > 200 ? `${text.slice(0, 200)}...` : text}`
    }),
  ]
  if (rest.length > 0) lines.push('  and what follows from it, or comes on top:')
  for (const { at, says } of rest.slice(0, 4)) lines.push(...para(`line ${at.line}: ${says}`, 4))
  if (rest.length > 4) lines.push(`    and ${rest.length - 4} more`)
  return lines
}
