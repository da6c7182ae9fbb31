/**
 * Which property a report of the kernel shows broken, and why: from its message, the function it is about and its
 * callers. Where they do not say it, what they do and do not show. Facts of net/core/page_pool.c, net/core/xdp.c,
 * drivers/iommu/dma-iommu.c and kernel/dma/debug.c, 4.18 to 6.19.
 */
import { returnedBy } from '../../holders/returners.ts'
import type { Notice } from '../../report/notice.ts'
import { context, registration } from './callers.ts'
import { dma } from './dma.ts'
import { freedMemory } from './freed-memory.ts'
import { namesOf, POOL, XDP } from './functions.ts'
import { creationFailed, messageMeans } from './kernel-messages.ts'
import type { Meaning } from './meaning.ts'
import { CRASH, type Trace } from './trace.ts'
import { unexplained } from './unexplained.ts'
import { ofFunction } from './warn-functions.ts'

/** In the text as it was printed: without blanks the next word could be taken for more digits. */
const NULL_AT = /(?:address:?|dereference at)\s+(?:0x)?0*[0-9a-f]{1,3}(?![0-9a-f])/

/** Undefined: the report is of somebody else, and no crash. */
export function judgeTrace(trace: Trace): Notice | undefined {
  const names = namesOf(trace.frames)
  const all = trace.fn === '' || names[0] === trace.fn ? names : [trace.fn, ...names]
  const isAbout = isAboutPagePool(trace, all)
  const isMessage = messageMeans(trace.joined) !== undefined
  if (!isAbout && !isMessage && !CRASH.test(trace.joined) && !/KASAN|KFENCE/.test(trace.joined))
    return undefined
  // Told by lines of their own.
  if (/Negative\(-?\d+\)inflight|Stillin-flightpages/.test(trace.joined)) return undefined
  const meaning =
    isAbout || isMessage
      ? meaningOf(trace, all)
      : { property: '', says: 'a crash; neither its text nor its call trace names page_pool' }
  return {
    line: trace.line,
    text: trace.head,
    property: meaning.property,
    aboutPagePool:
      isAbout ||
      /^Missing|^Driver|XDP/.test(messageOf(trace)) ||
      creationFailed(trace.joined) !== undefined,
    says: meaning.says,
    suspects: '',
    isNull: NULL_AT.test(trace.text),
    frames: all.slice(0, 12),
    kernel: trace.kernel,
    holder: returnedBy(all),
    times: 1,
  }
}
const isAboutPagePool = (trace: Trace, all: readonly string[]): boolean =>
  all.some((fn) => POOL.test(fn) || XDP.test(fn)) ||
  POOL.test(trace.workqueue) ||
  [...namesOf(trace.freed), ...namesOf(trace.mapped)].some((fn) => POOL.test(fn)) ||
  /page_pool|page_poolleak/.test(messageOf(trace))
/** The text before the call trace, but for the warnings of stalled shutdowns that stand in between. */
const messageOf = ({ joined }: Trace): string =>
  joined
    .replaceAll(/page_pool_release_retry\(\)stalled.*?(?:sec|$)/g, '')
    .split(/CallTrace:|Calltrace:|Backtrace:/)[0]!
    .slice(0, 600)

function meaningOf(trace: Trace, all: readonly string[]): Meaning {
  return (
    messageMeans(trace.joined) ??
    freedMemory(trace, all) ??
    dma(trace, all) ??
    registration(trace, all) ??
    context(trace) ??
    ofFunction(trace, all) ??
    unexplained(trace, all)
  )
}
