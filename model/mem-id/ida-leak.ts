/**
 * xdp_rxq_info_reg_mem_model() before and after the leak fix: the id is allocated, the hash insert
 * fails, and unregistration, which looks the id up, never finds it.
 */
import { NONE } from '../../engine/state/layout.ts'
import { step, type Steps } from '../step.ts'
import { ida_simple_remove } from '../world/memory/ida.ts'
import { XdpRegistration, type Rxq } from './registration.ts'
import { type Design, ways } from '../design.ts'
import { registration } from './family.ts'

class Fixed extends XdpRegistration {
  /** The id is given back, and zero tells unregistration that there is none. */
  override *insert_failed(rxq: Rxq): Steps {
    yield* step('ida_simple_remove(&mem_id_pool, mem.id)', (w) =>
      ida_simple_remove(w, w.rxq(rxq).mem_id),
    )
    yield* step('xdp_rxq->mem.id = 0', (w) => {
      w.rxq(rxq).mem_id = NONE
    })
  }
}

export const idaLeak: Design = {
  id: 'mem-id-insert-leak',
  title: 'memory model registration, 5.1',
  source:
    'net/core/xdp.c as of v5.1 (8d5d88527587, "xdp: rhashtable with allocator ID to pointer mapping", 2018)',
  family: registration,
  fields: () => ({}),
  functions: () => new XdpRegistration(),
  breaks: {
    'no-mem-id-leaked': ways(
      'the error path of rhashtable_insert_slow() forgets the id (J. D. Brouer, "xdp: fix leak of IDA cyclic id if rhashtable_insert_slow fails", 2019)',
      'state: id N is taken and cannot be looked up',
    ),
  },
}
export const idaLeakFixed: Design = {
  id: 'mem-id-insert-fixed',
  title: 'memory model registration, id freed when the insert fails',
  source: 'J. D. Brouer, "xdp: fix leak of IDA cyclic id if rhashtable_insert_slow fails", 2019',
  family: registration,
  fields: () => ({}),
  functions: () => new Fixed(),
  breaks: {},
}
