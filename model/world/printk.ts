/** What the kernel writes to its log (lib/printk, include/asm-generic/bug.h). Heard by recorders only. */
import type { World } from './world.ts'

export const pr_warn = (w: World, text: string): void => w.trace?.('warn', text)
export const pr_crit = (w: World, text: string): void => w.trace?.('crit', text)
export const pr_bug = (w: World, text: string): void => w.trace?.('BUG', text)
/** WARN(): each time. */
export const WARN = (w: World, text: string): void => w.trace?.('WARN', text)
/** WARN_ONCE() and WARN_ON_ONCE(): whoever hears it says it once. */
export const WARN_ONCE = (w: World, text: string): void => w.trace?.('WARN_ONCE', text)
