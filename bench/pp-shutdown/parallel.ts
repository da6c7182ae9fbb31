/** The calibration model for searches by several threads: see `Source` of the parallel search. */
import type { Built } from '../../engine/parallel/parallel-search.ts'
import { ppShutdown, type Size } from './model.ts'

export const rules = [
  {
    id: 'err',
    never: ['negative in-flight', 'double unmap', 'unmap after unbind', 'use of the freed pool'],
    exercised: () => true,
  },
]
export const calibration = (size: Size): Built => ({ system: ppShutdown(size), rules })
