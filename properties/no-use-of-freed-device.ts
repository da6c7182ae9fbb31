import type { Property } from './property.ts'

export const noUseOfFreedDevice: Property = {
  id: 'no-use-of-freed-device',
  says: 'struct device is not handed to the DMA API after its last reference was dropped',
  because:
    'f71fec47c2df ("page_pool: make sure struct device is stable"): pool->p.dev dangles once the core has put the device.',
  families: ['pool'],
  never: ['use-of-freed-device'],
  exercisedBy: {
    says: 'the driver is unbound while pages are out',
    when: (f) => f.ledger.seen.unbound_with_pages_out,
  },
}
