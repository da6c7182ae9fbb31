/** Heads of reports, in text without blanks: heads are wrapped as well. */
import { compact } from '../../text/kernel-line.ts'

/** A report begins. */
const HEADS =
  /WARNING:(?:CPU:\d|at|[\w./-]+\.[chS]:\d+|possible|inconsistent|suspicious|badunlock)|BUG:(?:KASAN|KFENCE|KCSAN|kernelNULL|unabletohandle|Badpage|scheduling|sleeping|spinlock|softlockup|workqueue|listcorr|KernelNULL|TASKstack)|Unabletohandlekernel|Oops:|generalprotectionfault|refcount_t:|DMA-API:(?!Mappedat)|UBSAN:|list_(?:add|del)corruption|plpar_tce_\w+failed|tce_\w+:plpar|pagedumpedbecause|page_poolrefcnt\S*violation|Missing(?:un)?register|Missingnet_devicefromdriver|Driverpromisednottoregister|IncorrectXDPmemorytype|XDP_WARN:|page_pool_create(?:_percpu)?\(\)gaveupwitherrno-?\d|mem-providerinitfailed|unexpectedDMAaddress|couldn'ttrackDMAmapping|Calltrace:|CallTrace:|Backtrace:|INFO:task\S*blocked|rcu_\w+self-detectedstall/
/** One of these is in every head: every line of a kernel log is asked, and this is quicker. */
const SIGN =
  /WARNING:|BUG:|Unableto|Oops:|generalprot|refcount_t:|DMA-API:|UBSAN|corruption|tce_|dumpedbecause|refcnt|Missing|Driverprom|Incorrect|XDP_WARN|gaveup|mem-prov|unexpectedDMA|couldn|trace:|Trace:|blocked|self-detected/

/** The head that stands in the newest line (`text`), or ends there; `joined` has the lines before it, too. */
export function headIn(joined: string, text: string): string | undefined {
  if (!SIGN.test(joined)) return undefined
  const { length } = compact(text)
  if (length === 0) return undefined
  const m = HEADS.exec(joined)
  if (m === null || m.index + m[0].length <= joined.length - length) {
    // An earlier head in the window hides a new one.
    const last = HEADS.exec(joined.slice(-length))
    return last === null ? undefined : last[0]
  }
  return m[0]
}
