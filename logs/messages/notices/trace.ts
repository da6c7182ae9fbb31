/** A report of the kernel, taken apart. */
import type { Frame } from './frames.ts'

export interface Trace {
  readonly line: number
  /** Head, message and trace without blanks. */
  readonly joined: string
  /** The same with blanks, the lines joined. */
  readonly text: string
  /** The head as it was printed. */
  readonly head: string
  /** Of a WARNING, where it names one. */
  readonly file: string
  /** What the report is about: the function of a WARNING, the program counter of a crash. */
  readonly fn: string
  readonly isWarn: boolean
  /** Innermost first. */
  readonly frames: readonly Frame[]
  /** KASAN: who freed the memory. */
  readonly freed: readonly Frame[]
  /** dma-debug: who made the mapping. */
  readonly mapped: readonly Frame[]
  /** The work function a kworker was at. */
  readonly workqueue: string
  readonly kernel: string
}

export const CRASH =
  /BUG:(?:kernelNULL|KernelNULL|unabletohandle)|Unabletohandlekernel|Oops:|generalprotectionfault/
