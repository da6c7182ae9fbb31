/** `poolproof convergence [DESIGN...]`: pools after their interrupt moved to another NUMA node. */
import { designs, type Design } from '../model/designs.ts'
import { numa } from '../model/families.ts'
import { convergence, type Convergence } from '../costs/convergence.ts'
import { convergenceTable } from '../views/convergence.ts'
import { designsNamed } from './arguments.ts'
import { breath } from './breath.ts'
import { liveLine } from './live-line.ts'
import type { Given } from './option.ts'
import type { convergenceOptions } from './options.ts'
import { jsonFile } from './json-file.ts'
import { say, sayProse } from './output.ts'
import { UsageError } from './usage-error.ts'

/** Those that differ in what they do about nodes, and the kernels as they are. */
const isMeasured = ({ id, family }: Design): boolean => family === numa || id.startsWith('linux')

export async function convergenceOf({
  names,
  values,
  signal,
}: Given<typeof convergenceOptions>): Promise<number> {
  const chosen = names.length === 0 ? designs.filter(isMeasured) : designsNamed(names)
  const other = chosen.find(({ family }) => !family.wholePools)
  if (other !== undefined)
    throw new UsageError(`${other.id} is no pool: convergence is about pools.`)
  const json = jsonFile(values.json)
  const results: Convergence[] = []
  const live = liveLine({ of: chosen.length, what: 'designs' })
  for (const design of chosen)
    for (const asksFor of ['NUMA_NO_NODE', 'a node'] as const) {
      live.show(design.id, `a pool that asks for ${asksFor}`)
      await breath()
      if (!signal.aborted) results.push(convergence(design, asksFor))
    }
  live.clear()
  say(convergenceTable(results))
  say()
  sayProse(LEGEND)
  json.write({ schema: 1, results })
  if (signal.aborted) say('Interrupted: not every design was measured.')
  return signal.aborted ? 2 : 0
}
const LEGEND =
  'A pool with a ring of 1,024 slots and a cache full of pages of the old node, and 256 packets between driver and stack. The interrupt moves; a pool that asks for a node is told the new one by page_pool_nid_changed(). From then on every packet takes one page, and the oldest comes back from another CPU, so it goes into the ring. "None left": neither in ring, cache, nor between driver and stack. Given up after 200,000 packets; the last two columns count 20,000.'
