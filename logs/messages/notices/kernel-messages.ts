/** Messages that say what is wrong without a call trace. Texts have no blanks: they may have been wrapped. */
import type { Meaning } from './meaning.ts'

const MESSAGES: readonly (readonly [RegExp, string, string])[] = [
  [
    /pendingDMAallocationswhilereleasedfromdevice/,
    'no-mapping-outlives-its-driver',
    'the driver was unbound, and DMA mappings of its device are left',
  ],
  [
    /triestofreeDMAmemoryithasnotallocated/,
    'no-mapping-unmapped-twice',
    'an address is unmapped at which this device has nothing mapped',
  ],
  [
    /triestosyncDMAmemoryithasnotallocated/,
    'no-sync-of-an-unmapped-page',
    'an address is synced at which this device has nothing mapped',
  ],
  [
    /freesDMAmemorywith(?:differentsize|wrongfunction|differentCPUaddress)/,
    'no-mapping-unmapped-twice',
    'what is unmapped is another mapping than the one that stands at this address now',
  ],
  [
    /pagedumpedbecause:page_poolleak/,
    'no-page-freed-with-signature',
    'the page went back to the page allocator with put_page(), and its pool still counts it',
  ],
  [
    /page_poolrefcnt-?\d*\S*violation/,
    'page-in-one-place',
    'a page in the ring of the pool has another owner as well',
  ],
  [
    /APIusageviolation|ptr_ringisnotempty/,
    'pool-freed-only-when-empty',
    'the pool is freed with pages in its cache or ring',
  ],
  [
    /Missingunregister,handledbutfixdriver/,
    '',
    'the driver registers an xdp_rxq_info that is still registered. The kernel unregisters the old memory model first, which drops a user of the old pool; if the struct was copied from a queue that lives on, that queue loses its pool',
  ],
  [
    /Missingregister,driverbug/,
    '',
    'the driver unregisters an xdp_rxq_info that is not registered: twice, or before it was registered',
  ],
  [/Missingnet_devicefromdriver/, '', 'the driver registers an RX queue without a net_device'],
  [
    /Driverpromisednottoregisterthis/,
    '',
    'the driver registers an xdp_rxq_info that it declared unused',
  ],
  [
    /IncorrectXDPmemorytype\(\d+\)usage/,
    '',
    'a frame is returned whose memory model does not exist: the frame, or the queue it came from, was overwritten or freed',
  ],
  [
    /unexpectedDMAaddress,pleasereport/,
    '',
    'a DMA address has more bits than struct page has room for (32-bit machine): the page is not used',
  ],
  [
    /couldn'ttrackDMAmapping,pleasereport/,
    '',
    'the mapping of a page could not be entered into the pool: the page is not used',
  ],
  [/mem-providerinitfailed-?\d+/, '', 'the memory provider of the queue refused the pool'],
]

export function messageMeans(joined: string): Meaning | undefined {
  const found = MESSAGES.find(([pattern]) => pattern.test(joined))
  if (found !== undefined) return { property: found[1], says: found[2] }
  const errno = creationFailed(joined)
  return errno === undefined ? undefined : { property: '', says: whyNoPool(errno) }
}

/** `page_pool_create() gave up with errno -22`. */
export function creationFailed(joined: string): number | undefined {
  const m = /page_pool_create(?:_percpu)?\(\)gaveupwitherrno-?(\d{1,2})/.exec(joined)
  return m === null ? undefined : Number(m[1])
}
const ERRNO: Readonly<Record<number, string>> = {
  7: 'E2BIG: the driver asks for a ring of more than 32768 pages',
  12: 'ENOMEM: no memory for the pool or its ring',
  17: 'EEXIST: its id is taken',
  22: 'EINVAL: the driver gives flags or a DMA direction that page_pool does not take; or the machine is 32-bit with 64-bit DMA addresses, which do not fit into struct page beside the count of fragments (5.15 to 6.6)',
  28: 'ENOSPC: no id is left',
  95: 'EOPNOTSUPP: a memory provider needs PP_FLAG_DMA_MAP and PP_FLAG_DMA_SYNC_DEV, or page_pool is not built in',
}
const whyNoPool = (errno: number): string =>
  `no pool was made (${ERRNO[errno] ?? `errno ${errno}`}): the queue, and often the probe of the device, fails with it. No page was ever taken: no property of a pool's life is concerned`
