/** What the parts of a machine share. */
import type { Automaton, Node } from './automaton.ts'
import type { ControlWords } from './control-words.ts'
import type { MachineSpec } from './machine-spec.ts'
import type { Starts } from './starts.ts'
import type { Trouble } from './trouble.ts'
import { heart } from '../pulse.ts'
import type { Fields, Footprint } from '../state/layout.ts'

export interface Parts<W, F extends Fields = Fields> {
  readonly spec: MachineSpec<F, W>
  /** The work space. */
  readonly words: Uint32Array
  readonly world: W
  /** The same world, seen through views that note in the footprint what is read and written. */
  readonly noting: W
  readonly footprint: Footprint
  readonly automaton: Automaton
  readonly control: ControlWords
  readonly starts: Starts<W>
  readonly trouble: Trouble
}

/** Says which step runs, for whoever listens. */
export function beat(node: Node, of: string | undefined): void {
  const { pulse } = heart
  if (pulse === undefined) return
  if (node.named === 0)
    node.named = pulse.placeOf(
      `${of === undefined ? '' : `${of}: `}${node.frame.name}() in its step "${node.action.label}"`,
    )
  pulse.begin(node.named)
}
