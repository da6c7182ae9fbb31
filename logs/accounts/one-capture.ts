/** What is known of one capture while it is read. */
import type { PoolReport } from '../report/pool.ts'
import type { TraceEvent } from '../text/event.ts'
import { Loss } from '../text/loss.ts'
import { judgeLife } from './judge-life.ts'
import type { Holding, Window } from './life.ts'
import { Lives } from './lives.ts'
import { Recent } from './recent.ts'

export class OneCapture {
  readonly loss = new Loss()
  readonly recent = new Recent()
  readonly lives: Lives
  /** Its last event. */
  private readonly last = { line: 0, time: NaN, cpu: -1 }
  /** The page that the last event took: stack lines after it belong to it. */
  lastHolding: Holding | undefined

  constructor(done: (report: PoolReport) => void) {
    const { loss, last } = this
    this.lives = new Lives((life) => done(judgeLife(life, { loss, last })))
  }
  pass(e: TraceEvent): void {
    this.lastHolding = undefined
    this.recent.add(e)
    this.loss.pass(e)
    this.last.line = e.line
    if (!Number.isNaN(e.time)) this.last.time = e.time
  }
  /** The last events of the pool, if somebody asks for them. */
  window(e: TraceEvent): Window {
    return () => this.recent.window(e)
  }
}
