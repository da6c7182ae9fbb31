/** What can be said of a pool, and of the whole log. */

/**
 * - `consistent`: everything of it was seen, and the model's accounting explains every line.
 * - `impossible`: no behaviour of the model explains one of the lines.
 * - `cannot tell`: nothing contradicts the accounting, but not everything was seen.
 * - `nothing checked`: no event was understood.
 */
export type LogVerdict = 'consistent' | 'impossible' | 'cannot tell' | 'nothing checked'
/** Of one pool: something of it was understood. */
export type Judged = Exclude<LogVerdict, 'nothing checked'>

/**
 * - `freed`: in flight was 0 at a release attempt. `freed by force`: 5.3 and 5.4, after 120 attempts.
 *   `freed unseen`: another pool is at its address.
 * - `stalled`: destroyed, and pages are still in flight when the capture ends. `negative`: more pages
 *   released than held; the kernel gives up on the pool and never frees it. `ended`: it was stalled, and the
 *   log goes on without the warning that is due.
 * - `alive`: never destroyed in this capture.
 */
export type EndState =
  | 'freed'
  | 'freed by force'
  | 'freed unseen'
  | 'stalled'
  | 'ended'
  | 'negative'
  | 'alive'
