/**
 * What came out of a step, in the terms of its label: a test is true or not, and what was compared; a read
 * has a value; a cmpxchg is won or lost. A step that returned nothing has no outcome.
 */
import {
  indexOf,
  isMember,
  NONE,
  scalarsetOf,
  type Slot,
  type SlotValue,
} from '../../engine/state/layout.ts'
import type { MoveName } from '../../engine/system.ts'
import type { Value } from '../../engine/step.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import { scalarsets } from '../../model/world/scalarsets.ts'
import { memberName, slotValue } from './names.ts'

/** A slot that a step read, and what stood there. */
export interface Read {
  readonly slot: Slot
  readonly value: SlotValue
}
export interface Result {
  readonly name: MoveName
  readonly returned: Value
  readonly reads: readonly Read[]
}

const reference = (value: number, scope: Scope): string =>
  memberName(scalarsets[scalarsetOf(value)]!, indexOf(value), scope)

const COMPARES = /[=!<>]=|[<>]/
const READS = /^(?:\w+ = )?(?:READ_ONCE|atomic_read|atomic_long_read)\(|^\w+ = |_count\(/
const CONTENDED = /cmpxchg|trylock/

export function outcomeOf(result: Result, scope: Scope): string | undefined {
  const { name, returned } = result
  if (name.step === 'start') return undefined
  if (isReference(returned)) return reference(Number(returned), scope)
  if (name.choice !== undefined) return name.choice === NONE ? 'NULL' : String(name.choice)
  if (returned === null) return 'NULL'
  if (typeof returned === 'boolean') return ofTest(result, returned, scope)
  if (typeof returned === 'number') return ofNumber(result, returned, scope)
  return returned
}

function ofTest({ name: { step }, reads }: Result, yes: boolean, scope: Scope): string {
  if (CONTENDED.test(step)) return yes ? 'won' : 'lost'
  const plain = step.replaceAll('->', '.')
  const answer = yes ? 'yes' : 'no'
  if (COMPARES.test(plain)) {
    const compared = yes ? undefined : valueOf(plain.split(COMPARES)[0]!, reads, scope)
    return compared === undefined ? answer : `${answer}, ${compared}`
  }
  if (!READS.test(step)) return answer
  return valueOf(step, reads, scope) ?? (yes ? 'set' : 'not set')
}
/** What an expression reads: the field it names, or the one thing there is that the step looked at. */
function valueOf(expression: string, reads: readonly Read[], scope: Scope): string | undefined {
  const said = bare(expression)
  const values = reads.filter(
    ({ slot, value }) => isTheKernels(slot) && typeof value !== 'boolean' && !isItem(slot),
  )
  const named = values.filter(({ slot: { path } }) =>
    said.includes(bare(path.slice(path.lastIndexOf('.') + 1))),
  )
  const mine = named.filter(({ slot }) => said.includes(slot.within[0]?.domain ?? ''))
  const [one, ...more] = [named, mine, values].find(({ length }) => length === 1) ?? []
  return one === undefined || more.length > 0 ? undefined : slotValue(one.slot, one.value, scope)
}
const bare = (text: string): string => text.replaceAll(/[^a-z0-9]/g, '')
const isItem = ({ path }: Slot): boolean => path.endsWith(']')
const isTheKernels = ({ path }: Slot): boolean =>
  !path.startsWith('.ledger.') && !path.startsWith('.task[')

/** A number, or the reference it is: known by what the step read. */
function ofNumber({ name: { step }, reads }: Result, value: number, scope: Scope): string {
  const domain = reads.find(({ slot, value: stood }) => {
    if (slot.domain === undefined || slot.set === true || !isTheKernels(slot)) return false
    return stood === (value < 0 ? null : value)
  })?.slot.domain
  if (value >= 0) return domain === undefined ? String(value) : memberName(domain, value, scope)
  const list = reads.some(({ slot }) => slot.path.endsWith('.length') && isTheKernels(slot))
  if (domain === 'node') return 'NUMA_NO_NODE'
  return domain !== undefined || list || /\bpage\b|alloc_pages/.test(step) ? 'NULL' : String(value)
}

/** The same without telling the compiler that no other value is a number. */
const isReference = (value: Value): boolean => isMember(value)
/** How an outcome counts when two runs are compared: a reference is one, whichever it is. */
export function kindOf(returned: Value, choice: Value): string {
  if (isReference(returned)) return 'member'
  if (typeof returned === 'number')
    return returned === 0 ? '0' : returned < 0 ? 'negative' : 'positive'
  return String(returned ?? choice)
}
/** What a function returned, where that says something. */
export function returnedText(
  value: Value,
  last: string | undefined,
  scope: Scope,
): string | undefined {
  if (isReference(value)) return reference(Number(value), scope)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  // NULL is -1 here, and so is a count that went wrong: whichever the last step of the function said.
  if (value === NONE) return last === 'NULL' || last === '-1' ? last : undefined
  return typeof value === 'number' ? String(value) : undefined
}
