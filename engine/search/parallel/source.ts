/** How a thread comes by its system: functions cannot be sent to it, the name of one can. */
import type { Rule } from '../../rules/judge.ts'
import type { System } from '../../system.ts'
import type { Numbered } from './journal.ts'

/** An exported function that builds a system and its rules from a plain value. */
export interface Source {
  /** URL of a module that Node can load as it is. */
  readonly module: string
  readonly export: string
  /** Handed to the function; must survive being sent to a thread. */
  readonly argument: unknown
}
export interface Built {
  readonly system: System & Numbered
  readonly rules: readonly Rule[]
}

export async function build({ module, export: name, argument }: Source): Promise<Built> {
  const exported = (await import(module)) as Record<string, unknown>
  const make = exported[name]
  if (typeof make !== 'function')
    throw new Error(`engine: ${module} does not export a function "${name}"`)
  return (make as (argument: unknown) => Built)(argument)
}
