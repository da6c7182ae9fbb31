/** What the log says around a crash whose call trace is not there. */
import type { Notice } from '../report/notice.ts'
import type { Shutdown } from './shutdowns/shutdown.ts'

/** Pools that stalled before it, if it may be their doing. */
export function beside(notice: Notice, shutdowns: readonly Shutdown[]): Notice {
  if (notice.property !== '' || notice.aboutPagePool || !notice.isNull || notice.frames.length > 0)
    return notice
  const before = shutdowns.filter(
    ({ ended, firstLine }) => ended === 'stalled' && firstLine <= notice.line,
  )
  if (before.length === 0) return notice
  const names = before.slice(-3).map(({ name }) => name)
  return {
    ...notice,
    suspects: 'no-unmap-after-unbind',
    says: `no call trace is here. ${before.length === 1 ? 'A pool was' : `${before.length} pools were`} destroyed with pages in flight before it (${names.join(', ')}), and a late unmap for a device whose driver was unbound crashes just like this, on a NULL pointer and a small offset: look for page_pool_release_retry or page_pool_return_page in the trace that belongs here (no-unmap-after-unbind)`,
  }
}
