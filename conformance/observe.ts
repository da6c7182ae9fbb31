/** One command of a recording, executed by the model, and everything that can be observed after it. */
import { CommandLine } from './command-line.ts'
import { execute } from './execute.ts'
import type { Kernel } from './kernel.ts'
import type { State } from './state.ts'

export interface Observation {
  readonly ret: unknown
  readonly log: readonly string[]
  readonly dma: readonly string[]
  readonly ev: readonly string[]
  readonly state: State
}

/** Throws UnknownCommand. */
export function observe(kernel: Kernel, command: string): Observation {
  const { recorder } = kernel
  recorder.forget()
  const ret = execute(kernel, new CommandLine(command))
  const texts = (list: readonly { readonly text: string }[]): string[] =>
    list.map(({ text }) => text)
  return {
    ret,
    log: texts(recorder.log),
    dma: texts(recorder.dma),
    ev: texts(recorder.ev),
    state: kernel.state(),
  }
}

/** The fields of a page, in the order they are recorded. */
export const PAGE_FIELDS = [
  'refcount',
  'pp',
  'signature',
  'mappings',
  'dma_addr',
  'dma_index',
  'nid',
  'pp_ref_count',
  'where',
] as const

/** What stands at `ret`, `ev`, `pools.p0.ring`, `pages.5.where`, `dev.d0.ref`, `xdp.ida`. */
export function valueAt(observation: Observation, what: string): unknown {
  const [head = '', name = '', field] = what.split('.')
  const { state } = observation
  if (head === 'pages') {
    const page = state.pages[Number(name)]
    return field === undefined ? page : page?.[PAGE_FIELDS.indexOf(field as never)]
  }
  if (head === 'pools') {
    const pool = state.pools.get(name)
    return field === undefined ? pool : pool?.[field]
  }
  if (head === 'dev') return state.dev[name]?.[field ?? '']
  if (head === 'xdp') return state.xdp[name as keyof State['xdp']]
  return observation[head as 'ret' | 'log' | 'dma' | 'ev']
}
