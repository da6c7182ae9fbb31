/** The steps of one uninterrupted run of a context as the calls they stand in. */
import type { Call, Moment } from '../verify/behaviour/moment.ts'

export interface StepNode {
  readonly kind: 'step'
  readonly at: number
}
export interface CallNode {
  readonly kind: 'call'
  readonly call: Call
  readonly steps: readonly number[]
  readonly inside: readonly TreeNode[]
  /** It was entered before this run. */
  readonly entered: boolean
  /** It goes on after this run. */
  readonly goesOn: boolean
}
export type TreeNode = StepNode | CallNode

/** @param steps consecutive steps of one activity, by index. */
export function callTree(
  moments: readonly Moment[],
  steps: readonly number[],
  depth = 0,
): readonly TreeNode[] {
  const nodes: TreeNode[] = []
  for (let i = 0; i < steps.length;) {
    const first = steps[i]!
    const call = moments[first]!.stack[depth]
    if (call === undefined) {
      nodes.push({ kind: 'step', at: first })
      i += 1
      continue
    }
    let end = i
    while (end < steps.length && moments[steps[end]!]!.stack[depth]?.id === call.id) end += 1
    const group = steps.slice(i, end)
    nodes.push({
      kind: 'call',
      call,
      steps: group,
      inside: callTree(moments, group, depth + 1),
      entered: stands(moments, call, depth, 0, group[0]!),
      goesOn: goesOn(moments, call, depth, group.at(-1)!),
    })
    i = end
  }
  return nodes
}
const stands = (
  moments: readonly Moment[],
  { id }: Call,
  depth: number,
  from: number,
  to: number,
): boolean => moments.slice(from, to).some(({ stack }) => stack[depth]?.id === id)
/** There is a step of it later, or the trace ends before the context has done anything else. */
function goesOn(moments: readonly Moment[], call: Call, depth: number, at: number): boolean {
  const { context, last } = moments[at]!
  if (last) return false
  const next = moments.slice(at + 1).find((it) => it.context === context)
  return next === undefined ? true : next.stack[depth]?.id === call.id
}
