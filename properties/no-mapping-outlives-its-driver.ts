import { pool } from '../model/families.ts'
import type { Property } from './property.ts'

export const noMappingOutlivesItsDriver: Property = {
  id: 'no-mapping-outlives-its-driver',
  says: 'when a driver has been unbound, none of its DMA mappings is left',
  because:
    'dma-debug at BUS_NOTIFY_UNBOUND_DRIVER: "device driver has pending DMA allocations while released from device" (kernel/dma/debug.c).',
  families: [pool],
  never: ['mapping-outlives-driver'],
  exercisedBy: {
    says: 'the driver is unbound while pages are out',
    when: (f) => f.ledger.seen.unbound_with_pages_out,
  },
}
