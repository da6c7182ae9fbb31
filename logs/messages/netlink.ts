/**
 * What `ynl ... --dump page-pool-get` (tools/net/ynl, kernels 6.8 and later) prints of pools: JSON, or the
 * dictionaries of Python, over one line or many.
 */
import type { NetlinkPool } from '../report/netlink.ts'

const MOST_LINES = 60
const MOST_POOLS = 10_000
/** Outside of a dump: the first line of one. */
const BEGINS = /[{]\s*["'][a-z-]+["']\s*:|^\s*\[?\s*\{\s*$/
const FIELD = /["']([a-z-]+)["']\s*:\s*["']?(\d+)/g

export class NetlinkDump {
  readonly pools: NetlinkPool[] = []
  private open = ''
  private depth = 0
  private lines = 0
  private line = 0

  /** True if the line is part of such a dump. */
  feed(text: string): boolean {
    this.line += 1
    if (this.depth === 0 && !BEGINS.test(text)) return false
    const wasOpen = this.depth > 0
    const found = this.pools.length
    const rest = this.objects(text)
    if (this.depth > 0) {
      this.open += `${text.slice(wasOpen && this.open !== '' ? 0 : rest)} `
      this.lines += 1
      if (this.lines > MOST_LINES) this.end()
    }
    return this.pools.length > found || (wasOpen && this.depth > 0 && /["']/.test(text))
  }
  /** Records those that end in this line; returns where the last one begins. */
  private objects(text: string): number {
    let from = 0
    for (let i = 0; i < text.length; i += 1) {
      const c = text[i]
      if (c === '{') {
        if (this.depth === 0) from = i
        this.depth += 1
      } else if (c === '}' && this.depth > 0) {
        this.depth -= 1
        if (this.depth === 0) this.close(text.slice(from, i + 1))
      }
    }
    return from
  }
  private close(end: string): void {
    this.record(this.open + end)
    this.open = ''
    this.lines = 0
  }
  end(): void {
    this.open = ''
    this.depth = 0
    this.lines = 0
  }
  private record(text: string): void {
    const fields = new Map<string, number>()
    // Of nested objects (io-uring, dmabuf) nothing is wanted.
    const flat = text.slice(1, -1).replace(/\{[^{}]*\}/g, '')
    for (const [, name, value] of flat.matchAll(FIELD)) fields.set(name!, Number(value))
    const id = fields.get('id')
    if (id === undefined || !(fields.has('inflight') || fields.has('inflight-mem'))) return
    const ifindex = fields.get('ifindex') ?? 0
    const pool: NetlinkPool = {
      line: this.line,
      id,
      ifindex: ifindex === 0 ? null : ifindex,
      napiId: fields.get('napi-id') ?? null,
      inflight: fields.get('inflight') ?? null,
      inflightBytes: fields.get('inflight-mem') ?? null,
      detachTime: fields.get('detach-time') ?? null,
    }
    const old = this.pools.findIndex((it) => it.id === id)
    if (old >= 0) this.pools[old] = pool
    else if (this.pools.length < MOST_POOLS) this.pools.push(pool)
  }
}
