/** A design in one scope as functions of C: which there are, whose each is, and in which order they stand. */
import type { Design } from '../../model/design.ts'
import { follows } from '../../model/details.ts'
import { kernelOf } from '../../model/machine.ts'
import type { Scope } from '../../model/scope/bounds.ts'
import type { Setting, Source } from '../c-code/frame.ts'
import { bodyOf } from '../c-code/function.ts'
import { lines } from '../c-code/print.ts'
import { snake, type Callee, type How } from '../c-code/syntax.ts'
import { calleesIn, type Known } from '../c-code/tree.ts'
import { isKernelName, placeIn, spelling } from './kernel-names.ts'
import { isElsewhere, library } from './library.ts'
import { functionsOf, methodOf, overriddenBy } from './members.ts'
import { roomOf, rootsOf } from './roots.ts'
import { signature } from './signature.ts'

export interface CFunction {
  readonly name: string
  /** From the root of the sources. */
  readonly file: string
  readonly doc: string | undefined
  /** A reader of the kernel will not find it there. */
  readonly isHelper: boolean
  /** Signature, braces and body. */
  readonly lines: readonly string[]
  /** Names of the functions it calls. */
  readonly calls: readonly string[]
}
export interface Program {
  readonly design: Design
  readonly scope: Scope
  readonly functions: readonly CFunction[]
  /** Conditions that the scope decides, as they were met. */
  readonly decided: ReadonlyMap<string, boolean>
}
interface Options {
  /** Only these functions; none: those of the pool. */
  readonly names: readonly string[]
  /** Say where code comes from that is printed inside another function. */
  readonly origins: boolean
}

export function programOf(design: Design, scope: Scope, { names, origins }: Options): Program {
  const self = kernelOf(design, scope) as unknown as object
  const decided = new Map<string, boolean>()
  let calls: Source[] = []
  const setting: Setting = {
    constant: (path) => constantOf(self, path),
    decided: (text, value) => void decided.set(text, value),
    callee: (how, name, from) => calleeOf(self, how, name, from),
    expands: (source) => !isElsewhere(source) && !isKernelName(source.name),
    called: (source) => calls.push(source),
    origin: (source) => (origins ? originOf(source) : undefined),
    details: follows(scope),
    spelling,
  }
  const resolve = ({ how, name }: Callee, from: Source): Source | undefined =>
    calleeOf(self, how, name, from)
  const made = (source: Source): CFunction => {
    calls = []
    const body = bodyOf(source, setting)
    // Those that were tried in place and did not fit, and those whose text stands there.
    const remain = calleesIn(body)
    calls = calls.filter((it) => remain.has(snake(it.name)))
    return {
      name: source.name,
      file: source.file,
      doc: source.doc,
      isHelper: !isElsewhere(source) && !isKernelName(source.name),
      lines: [...signature(source, resolve), '{', ...lines(body), '}'],
      calls: calls.map(({ name }) => name),
    }
  }
  const functions =
    names.length > 0
      ? names.flatMap((name) => named(self, name)).map(made)
      : inOrder(reached(self, made, () => calls))
  return { design, scope, functions, decided }
}

/** Whatever runs in this scope, from those that nobody in the pool calls on. */
function reached(
  self: object,
  made: (source: Source) => CFunction,
  calls: () => readonly Source[],
): readonly CFunction[] {
  const { own, outside, rooms } = rootsOf(self)
  const shown = new Map<Source, CFunction>()
  const seen = new Set<Source>()
  const queue = [...own, ...outside]
  for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
    if (seen.has(source)) continue
    seen.add(source)
    const it = made(source)
    queue.push(...calls())
    if (rooms.has(roomOf(source)) || placeIn(source.name) !== undefined) shown.set(source, it)
  }
  return [...shown.values()]
}
/** As page_pool.c has them; a function that is not there stands before the first that calls it. */
function inOrder(functions: readonly CFunction[]): readonly CFunction[] {
  const placed = functions
    .filter(({ name }) => placeIn(name) !== undefined)
    .toSorted((a, b) => placeIn(a.name)! - placeIn(b.name)!)
  let rest = functions.filter((it) => !placed.includes(it))
  const out = [...placed]
  while (rest.length > 0) {
    const next = rest.find(({ name }) => out.some(({ calls }) => calls.includes(name)))
    if (next === undefined) break
    out.splice(
      out.findIndex(({ calls }) => calls.includes(next.name)),
      0,
      next,
    )
    rest = rest.filter((it) => it !== next)
  }
  return [...out, ...rest]
}

// ---- which function is meant ------------------------------------------------------------------

function constantOf(self: object, path: readonly string[]): Known | undefined {
  let it: unknown = self
  for (const part of path) {
    if (typeof it !== 'object' || it === null) return undefined
    it = (it as Record<string, unknown>)[part]
  }
  return typeof it === 'boolean' || typeof it === 'number' || typeof it === 'string'
    ? it
    : undefined
}
function calleeOf(self: object, how: How, name: string, from: Source): Source | undefined {
  if (how === 'free') return library().seenFrom(from, name)
  return how === 'this' ? methodOf(self, name) : overriddenBy(self, from, name)
}
/** Functions a reader means by a name: the design's, else those of that name anywhere in the model. */
function named(self: object, name: string): readonly Source[] {
  const own = functionsOf(self).filter((it) => it.name === name)
  return own.length > 0 ? own : library().free(name)
}
/** Of all functions that can be asked for by name. */
export function namesIn(design: Design, scope: Scope): readonly string[] {
  const self = kernelOf(design, scope) as unknown as object
  return [...new Set([...functionsOf(self).map(({ name }) => name), ...library().names])].sort()
}
/** The design in whose file it stands. */
function originOf({ file }: Source): string | undefined {
  if (file.startsWith('model/pool/')) return 'the common code'
  return file === '' ? undefined : file.replace(/^.*\//, '').replace(/\.ts$/, '')
}
