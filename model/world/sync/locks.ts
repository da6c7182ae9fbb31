/** A lock as it lies in memory. What takes it and waits for it: lock.ts. */
import { ref, type Decl, type Scalar } from '../../../engine/state/layout.ts'
import { contexts, type Context } from './contexts.ts'

/** A lock is the context that holds it, or NONE. */
export const lock = (): Scalar<Context> => ref('context', contexts.length)
/** The fields of a record, or of the records of an array, that are locks, by name. */
export const locksAmong = (part: Decl | undefined): readonly string[] => {
  const fields =
    part?.kind === 'array' ? part.of.fields : part?.kind === 'record' ? part.fields : {}
  return Object.entries(fields).flatMap(([name, field]) =>
    field.kind === 'scalar' && field.type === 'ref' && field.domain === 'context' ? [name] : [],
  )
}
