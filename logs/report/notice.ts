/** What the kernel's own checks and its crashes say. */

/** A report of the kernel's own checks: dma-debug, the page allocator, WARN(). */
export interface Notice {
  readonly line: number
  readonly text: string
  /** The property it is about; empty for a crash that may have any cause. */
  readonly property: string
  /** page_pool code is in it or in its call trace. */
  readonly aboutPagePool: boolean
  /** Why, or what the frames do and do not show. */
  readonly says: string
  /** A property that is likely broken: the report itself does not show it. */
  readonly suspects: string
  /** A NULL pointer with a small offset. */
  readonly isNull: boolean
  /** Innermost first, up to 12. */
  readonly frames: readonly string[]
  /** The release of the kernel that printed it, '' if it does not say. */
  readonly kernel: string
  /** The class of holder that the trace of a return shows; '' for none. */
  readonly holder: string
  /** How often it is there, all but its numbers the same. */
  readonly times: number
}

/** The kernel itself says that a rule of page_pool was broken. */
export const isBroken = ({ property, aboutPagePool }: Notice): boolean =>
  aboutPagePool && property !== ''
