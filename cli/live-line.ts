/**
 * How far the work is, on stderr. On a terminal: lines that are rewritten in place, and one that stays
 * for everything that ended. In a file or a pipe: a line now and then, so that a log does not look hung.
 */
import { printable } from '../files/printable.ts'
import { steer } from './printable-output.ts'
import { columns, isScreen } from './terminal.ts'

export interface LiveLine {
  /** What somebody (a design, a file) is at. */
  show(who: string, text: string): void
  /** Somebody ended; where there are several, a line stays that says how. */
  done(who: string, text: string): void
  /** Makes room for what is printed in between. */
  erase(): void
  /** One more has ended, and was told already. */
  ended(): void
  /** The end: nothing is shown any more. */
  clear(): void
}
export interface Expected {
  /** How many will end, and what they are: `designs`. */
  readonly of?: number
  readonly what?: string
  /** Seconds after which the work is ended. */
  readonly budget?: number
  /** Where it is not a terminal: seconds until the first line. */
  readonly first?: number
}
/** Seconds between two lines of a log. */
const EVERY = 10
const REDRAW = 100

/** What a terminal has of a stream. */
export type Stream = Pick<NodeJS.WriteStream, 'write'> &
  Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>

export function liveLine(expected: Expected = {}, stderr: Stream = process.stderr): LiveLine {
  const state = new State(expected)
  return isScreen(stderr) ? onScreen(state, stderr) : inLog(state, expected.first ?? EVERY, stderr)
}

class State {
  readonly doing = new Map<string, string>()
  private readonly expected: Expected
  private readonly started = Date.now()
  private ended = 0
  constructor(expected: Expected) {
    this.expected = expected
  }
  /** What stays of who ended, with a line break; nothing where it is the only one. */
  end(who: string, text: string): string {
    const { of = 1 } = this.expected
    this.doing.delete(who)
    this.ended += 1
    const count = `[${String(this.ended).padStart(String(of).length)} of ${of}]`
    return of > 1 ? `${count} ${who}: ${text}\n` : ''
  }
  another(): void {
    this.doing.clear()
    this.ended += 1
  }
  head(): string {
    const { of = 1, what = '', budget } = this.expected
    const seconds = Math.round((Date.now() - this.started) / 1000)
    return [
      `${seconds} s`,
      ...(budget === undefined ? [] : [`${Math.max(0, budget - seconds)} s of the budget left`]),
      ...(of > 1 ? [`${this.ended} of ${of} ${what} done`] : []),
    ].join(', ')
  }
  now(): string[] {
    return [...this.doing].map(([who, text]) => (text === '' ? who : `${who}: ${text}`))
  }
}

function onScreen(state: State, stderr: Stream): LiveLine {
  let lines = 0
  let last = 0
  const erase = (): void => {
    if (lines > 0) steer(stderr, `\u001b[${lines}F\u001b[J`)
    lines = 0
  }
  const draw = (): void => {
    last = Date.now()
    // A line that the terminal breaks would be two to erase, whatever COLUMNS says.
    const width = Math.min(columns(stderr), stderr.columns || 80) - 1
    const all = [state.head(), ...state.now().map((it) => `  ${it}`)]
    const kept = all
      .slice(0, Math.max(2, (stderr.rows || 24) - 2))
      .map((it) => printable(it).slice(0, width))
    erase()
    stderr.write(`${kept.join('\n')}\n`)
    lines = kept.length
  }
  const timer = setInterval(draw, 1000)
  timer.unref()
  return {
    show: (who, text) => {
      state.doing.set(who, text)
      if (Date.now() - last >= REDRAW) draw()
    },
    done: (who, text) => {
      erase()
      stderr.write(state.end(who, text))
      draw()
    },
    erase,
    ended: () => state.another(),
    clear: () => {
      clearInterval(timer)
      erase()
    },
  }
}

function inLog(state: State, first: number, stderr: Stream): LiveLine {
  const tell = (): void => void stderr.write(`${[state.head(), ...state.now()].join('; ')}\n`)
  let timer = setTimeout(function again() {
    tell()
    timer = setTimeout(again, EVERY * 1000)
    timer.unref()
  }, first * 1000)
  timer.unref()
  return {
    show: (who, text) => void state.doing.set(who, text),
    done: (who, text) => void stderr.write(state.end(who, text)),
    erase: () => {},
    ended: () => state.another(),
    clear: () => clearTimeout(timer),
  }
}
