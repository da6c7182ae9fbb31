/** What netlink tells of a pool. */

/** One pool as netlink page-pool-get tells it. */
export interface NetlinkPool {
  readonly line: number
  /** The id that the warnings of a stalled shutdown name. */
  readonly id: number
  /** null: no device, the pool is left behind. */
  readonly ifindex: number | null
  readonly napiId: number | null
  readonly inflight: number | null
  readonly inflightBytes: number | null
  /** Seconds since boot, at page_pool_destroy(); null: not destroyed, or not told. */
  readonly detachTime: number | null
}

/** Destroyed by its driver and not freed: no device has it any more, or the kernel says since when. */
export const isLeftBehind = ({ ifindex, detachTime, inflight }: NetlinkPool): boolean =>
  (ifindex === null || detachTime !== null) && inflight !== 0
