/**
 * Steps and calls that were made and not taken: `step(...)` without `yield*` in front of it makes a step
 * and does nothing. Whoever runs a function asks, when it hands over a step or returns, whether all it
 * made was taken.
 */
export interface Made {
  /** As the author wrote it: `step('get_device')`, `transfer()`. */
  readonly says: string
  /** Where it was made, when that is being noted. */
  readonly place: Error | undefined
}
type AnyGenerator = Generator<unknown, unknown, never>

const open: Made[] = []
let noting = false
let last: Made | undefined

/** Notes from now on where things are made, or no longer: it costs a stack trace each. */
export function notePlaces(on: boolean): void {
  noting = on
  if (on) last = undefined
}
/** The last that was made while places were being noted. */
export const lastMade = (): Made | undefined => last
export function made(says: string): Made {
  const it: Made = { says, place: noting ? new Error('made here') : undefined }
  if (noting) last = it
  open.push(it)
  return it
}
export function taken(it: Made): void {
  if (open[open.length - 1] === it) open.length -= 1
  else if (open.includes(it)) open.splice(open.indexOf(it), 1)
}
/** Forgets what is open: it belongs to nobody who is running. */
export function forgetMade(): void {
  if (open.length > 0) open.length = 0
}
/** The first that was made and not taken since they were forgotten. */
export const untaken = (): Made | undefined => (open.length === 0 ? undefined : open[0])

const GeneratorFunction = Object.getPrototypeOf(function* () {}) as object
const isGeneratorFunction = (it: unknown): it is (...args: unknown[]) => AnyGenerator =>
  typeof it === 'function' && Object.getPrototypeOf(it) === GeneratorFunction

/**
 * The functions of an object and of the classes it is of, replaced by ones that notice when what they
 * return is never run. A function that is replaced already stays.
 */
export function watchFunctions(self: object): void {
  for (
    let owner: object | null = self;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  )
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(owner)))
      if (isGeneratorFunction(property.value) && property.writable === true)
        Object.defineProperty(owner, name, { ...property, value: watched(property.value) })
}

/** The functions of steps of an object, those of the classes it is of included. */
export function generatorsOf(self: object): ((...args: unknown[]) => AnyGenerator)[] {
  const all: ((...args: unknown[]) => AnyGenerator)[] = []
  for (
    let owner: object | null = self;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  )
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(owner)))
      if (isGeneratorFunction(value) || (typeof value === 'function' && originals.has(value)))
        all.push(value as (...args: unknown[]) => AnyGenerator)
  return all
}
const originals = new WeakMap<object, (...args: unknown[]) => AnyGenerator>()
/** The function `its` stands for another: it has its name and length, and its author's text is found by it. */
export function standsFor<F extends object>(its: F, fn: { name: string; length: number }): F {
  Object.defineProperty(its, 'name', { value: fn.name })
  Object.defineProperty(its, 'length', { value: fn.length })
  originals.set(its, originalOf(fn) as unknown as (...args: unknown[]) => AnyGenerator)
  return its
}
/** The function as its author wrote it. */
export const originalOf = <F extends object>(fn: F): F => (originals.get(fn) as F | undefined) ?? fn

function watched(fn: (...args: unknown[]) => AnyGenerator): (...args: unknown[]) => AnyGenerator {
  const its = function (this: unknown, ...args: unknown[]): AnyGenerator {
    const run = fn.apply(this, args)
    let fresh: Made | undefined = made(`${fn.name}()`)
    const { next } = run
    run.next = (...given) => {
      if (fresh !== undefined) taken(fresh)
      fresh = undefined
      return next.apply(run, given)
    }
    return run
  }
  return standsFor(its, fn)
}

/**
 * The object and the plain objects and arrays it holds can be changed no more: what a function keeps there
 * is in no state, so nothing would be searched for all its values.
 */
export function freezeDeeply(it: object): void {
  Object.freeze(it)
  for (const value of Object.values(it) as unknown[])
    if (isPlain(value) && !Object.isFrozen(value)) freezeDeeply(value)
}
const isPlain = (it: unknown): it is object =>
  Array.isArray(it) ||
  (typeof it === 'object' && it !== null && Object.getPrototypeOf(it) === Object.prototype)
