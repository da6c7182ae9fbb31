/** A line of the kernel log that does not fit. */
import type { Check, Finding } from '../../report/finding.ts'

export const finding = (
  check: Check,
  line: number,
  says: string,
  allowed: string,
  text: string,
): Finding => ({
  check,
  at: { line, time: null, cpu: null },
  says,
  allowed,
  window: [`${line}: ${text.trim()}`],
})
