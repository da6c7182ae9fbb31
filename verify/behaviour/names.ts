/** What a reader calls what lies in a state vector: contexts, pages and pools by name, and the ledger in words. */
import type { Slot, SlotValue } from '../../engine/state/layout.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { contextIn } from '../../model/world/sync/context.ts'

/** A member of a domain of the layout. */
export function memberName(domain: string, index: number, scope: Scope): string {
  switch (domain) {
    case 'context':
      return contextIn(scope, index).name
    case 'mem_id':
      return `id ${index + 1}`
    case 'cpu':
      return `CPU ${index}`
    default:
      return `${domain} ${index}`
  }
}

/** Is this event of the rest of the machine one without which no pool would do anything? */
export const isOrdinary = (event: string): boolean => event.startsWith('RX interrupt')

/** A value as it stands in this slot: a reference by the name of what it refers to, a set by its members. */
export function slotValue(slot: Slot, value: SlotValue, scope: Scope): string {
  if (value === null) return 'NULL'
  if (slot.domain === undefined) return typeof value === 'boolean' ? yesNo(value) : String(value)
  const { domain } = slot
  if (slot.set !== true) return memberName(domain, Number(value), scope)
  const members = membersOf(Number(value)).map((index) => memberName(domain, index, scope))
  return members.length === 0 ? 'none' : members.join(' + ')
}
const membersOf = (mask: number): number[] =>
  Array.from({ length: 32 }, (_, i) => i).filter((i) => ((mask >>> i) & 1) === 1)
const yesNo = (value: boolean): string => (value ? 'yes' : 'no')

/** Fields a reader does not know from the kernel, by what they are: what is true, and what a context is in. */
export const truthWords: Readonly<Record<string, string>> = {
  place: 'where it is',
  of: 'whose it is',
  in_flight: 'counted as in flight',
  mapped: 'mapped for DMA',
  mapped_before: 'an older mapping is left',
  mapped_for: 'mapped for',
  cut: 'cut in fragments',
  frags: 'fragments out',
  unsynced: 'touched by the CPU and not synced',
  posted: 'was in the RX ring',
  named: 'named by a descriptor',
  used: 'was ever allocated',
  was_in_ring: 'was in the ring when the allocation looked',
  life: 'its memory',
  cache_user: 'who is inside alloc.cache',
  out_at_read: 'pages out when the release count was read',
  refill_taken: 'pages taken by this refill',
  refill_released: 'pages released by this refill',
  refill_met_remote: 'this refill met a page of another node',
  alive: 'its memory is there',
  which: 'it is another one than before',
}
const contextWords: Readonly<Record<string, string>> = {
  preempt_count: 'preempt_count',
  bh_disabled: 'bottom halves disabled',
  rcu_nesting: 'RCU read sections',
  irqs_disabled: 'interrupts disabled',
  gp_wait: 'grace period waits for',
}

/**
 * The name of a slot: the C expression where the kernel has one, words where it is what is true, and the
 * context whose it is. Undefined for what only the checker keeps.
 */
export function slotName({ path, within }: Slot, scope: Scope): string | undefined {
  if (path.startsWith('.ledger.seen.') || path.endsWith('.pc')) return undefined
  const field = path.slice(path.lastIndexOf('.') + 1)
  const [outer] = within
  if (outer === undefined) return path.slice(1)
  const owner = memberName(outer.domain, outer.index, scope)
  if (path.startsWith('.ledger.')) return `truth: ${owner}, ${truthWords[field] ?? field}`
  if (outer.domain === 'context') return `${owner}: ${contextWords[field] ?? field}`
  return path.slice(1)
}
