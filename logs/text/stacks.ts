/** Call chains after an event: ftrace's and trace-cmd's `=> symbol`, perf's and bpftrace's frames. */
import { OwnTexts } from './own-text.ts'

const MOST_FRAMES = 16

/** Whoever a stack is written to. */
export interface Stacked {
  stack: string
}

export class Stacks {
  private holding: Stacked | undefined
  private cpu = -1
  private frames: string[] = []
  private readonly texts = new OwnTexts()

  event(cpu: number, holding: Stacked | undefined): void {
    this.close()
    this.holding = holding
    this.cpu = cpu
  }
  /** True if the line belongs to the stack of the last event. */
  frame(text: string): boolean {
    if (this.holding === undefined) return false
    if (text.includes('<stack trace')) {
      const cpu = /\[(\d+)\]/.exec(text)?.[1]
      if (cpu !== undefined && Number(cpu) !== this.cpu) this.close()
      return true
    }
    const symbol = symbolIn(text)
    if (symbol === undefined) {
      this.close()
      return false
    }
    if (this.frames.length < MOST_FRAMES) this.frames.push(symbol)
    return true
  }
  /** The stack is complete: no line of it follows. */
  close(): void {
    if (this.holding !== undefined && this.frames.length > 0)
      this.holding.stack = this.texts.of(this.frames.join('\n'))
    this.holding = undefined
    this.frames = []
  }
}

/** ` => page_pool_alloc_pages+0x12/0x34`, `\tffffffff8179caa7 symbol+0x17 (vmlinux)`, `    symbol+12`. */
function symbolIn(text: string): string | undefined {
  const m =
    /^[\s>|]*=>\s*(?:[0-9a-f]{8,16}\s+)?([A-Za-z_][\w.]*)/.exec(text) ??
    /^[\s>|]*[0-9a-f]{8,16}\s+([A-Za-z_][\w.]*)(?:\+0x[0-9a-f]+)?(?:\s+\(.*)?$/.exec(text) ??
    /^\s+([A-Za-z_][\w.]*)\+(?:0x)?[0-9a-f]+(?:\s.*)?$/.exec(text)
  return m?.[1]
}
