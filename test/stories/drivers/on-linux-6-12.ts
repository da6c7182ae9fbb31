/** A driver bug, or its repair, as a design: the pool of 6.12.117, and what the driver brings. */
import type { Design } from '../../../model/design.ts'
import { linux612 } from '../../../model/kernels/linux-6-12.ts'

type Story = Pick<Design, 'id' | 'title' | 'source'> & Pick<Partial<Design>, 'brings' | 'breaks'>

export const onLinux612 = ({ breaks = {}, ...story }: Story): Design => ({
  ...linux612,
  ...story,
  worlds: {},
  breaks: { ...linux612.breaks, ...breaks },
})
