/**
 * Clocks and random numbers are refused while model code runs: a step or a function that asks for one
 * does not do the same when it is run again, and every explorer runs it again.
 */
import { Misuse, modelCode } from './misuse.ts'

function refuse(name: string): void {
  if (!modelCode.runs) return
  throw new Misuse(
    `${name} is asked for, which answers otherwise each time. Let the environment pick with choose(), or keep a number in a field and count it up in a step.`,
  )
}
/** The method, asked for by its owner's name. */
function trap(owner: object, name: string, says: string): void {
  const its = owner as Record<string, unknown>
  const original = its[name] as (...args: unknown[]) => unknown
  its[name] = Object.assign(function (this: unknown, ...args: unknown[]): unknown {
    refuse(says)
    return Reflect.apply(original, this, args)
  }, original)
}

let set = false
/** From now on, for the whole process. Costs a test of a flag each time somebody else asks. */
export function trapClocks(): void {
  if (set) return
  set = true
  trap(Math, 'random', 'Math.random()')
  trap(Date, 'now', 'Date.now()')
  trap(performance, 'now', 'performance.now()')
  trap(crypto, 'randomUUID', 'crypto.randomUUID()')
  trap(crypto, 'getRandomValues', 'crypto.getRandomValues()')
  const { hrtime } = process
  process.hrtime = Object.assign(
    (...args: Parameters<typeof hrtime>) => {
      refuse('process.hrtime()')
      return hrtime(...args)
    },
    {
      bigint: () => {
        refuse('process.hrtime.bigint()')
        return hrtime.bigint()
      },
    },
  )
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, made) => {
      if (args.length === 0) refuse('new Date()')
      return Reflect.construct(target, args, made) as object
    },
    apply: (target, self, args) => {
      refuse('Date()')
      return Reflect.apply(target, self, args) as string
    },
  })
}
