/** `poolproof convergence [DESIGN...]`: pools after their interrupt moved to another NUMA node. */
import { designs } from '../model/designs/index.ts'
import { convergence } from '../verify/convergence.ts'
import { convergenceTable } from '../views/convergence.ts'
import { wrap } from '../views/columns.ts'
import { designsNamed, parse } from './arguments.ts'
import { UsageError } from './usage-error.ts'

/** Those that differ in what they do about nodes, and the kernels as they are. */
const measured = ['numa', 'linux'] as const

export async function convergenceOf(argv: readonly string[]): Promise<number> {
  const { positionals } = parse('convergence', argv, {})
  const chosen =
    positionals.length === 0
      ? designs.filter(({ id }) => measured.some((prefix) => id.startsWith(prefix)))
      : designsNamed(positionals)
  const other = chosen.find(({ family }) => family === 'registration')
  if (other !== undefined)
    throw new UsageError(`${other.id} is no pool: convergence is about pools.`)
  const results = chosen.flatMap((design) => [
    convergence(design, 'NUMA_NO_NODE'),
    convergence(design, 'a node'),
  ])
  process.stdout.write(`${convergenceTable(results)}\n\n${LEGEND}\n`)
  return 0
}
const LEGEND = wrap(
  'A pool with a ring of 1,024 slots and a cache full of pages of the old node, and 256 packets between driver and stack. The interrupt moves; a pool that asks for a node is told the new one by page_pool_nid_changed(). From then on every packet takes one page, and the oldest comes back from another CPU, so it goes into the ring. "None left": neither in ring, cache, nor between driver and stack. Given up after 200,000 packets; the last two columns count 20,000.',
  98,
).join('\n')
