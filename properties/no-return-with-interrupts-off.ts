import { pool } from '../model/families.ts'
import type { Property } from './property.ts'

export const noReturnWithInterruptsOff: Property = {
  id: 'no-return-with-interrupts-off',
  says: 'no page is returned to its pool, and no bottom halves are enabled, with hard interrupts disabled',
  because:
    'lockdep_assert_no_hardirq() in __page_pool_put_page(); spin_unlock_bh() runs softirqs, and must not there (a126061c80d5, "ptr_ring: do not block hard interrupts in ptr_ring_resize_multiple()", 2024; CVE-2026-31563).',
  families: [pool],
  asked: (scope) => scope.irqs,
  never: ['interrupts-off'],
  exercisedBy: {
    says: 'a page is being returned by somebody who freed many at once',
    when: (f) => f.task.all.some((task) => task.bh_disabled > 0 || task.irqs_disabled),
  },
}
