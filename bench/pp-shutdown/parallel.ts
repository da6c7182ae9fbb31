/** The calibration model for searches by several threads: see `Source` of the parallel search. */
import type { Built } from '../../engine/search/parallel/parallel-search.ts'
import { ppShutdown, type Interchangeable, type Size } from './model.ts'

export const rules = [
  {
    id: 'err',
    never: ['negative in-flight', 'double unmap', 'unmap after unbind', 'use of the freed pool'],
    exercised: () => true,
  },
]
export const calibration = (size: Size): Built => ({ system: ppShutdown(size), rules })
/** The same with members that a symmetry may exchange. */
export const exchangeable = ({ size, interchangeable }: Choice): Built => ({
  system: ppShutdown(size, interchangeable),
  rules,
})
export interface Choice {
  readonly size: Size
  readonly interchangeable: readonly Interchangeable[]
}
