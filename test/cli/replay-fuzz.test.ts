/** `poolproof replay` of saved counterexamples with something changed in them, against a second reading. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { replay } from '../../cli/replay.ts'
import type { Rule } from '../../engine/rules/judge.ts'
import { atRest } from '../../engine/rules/rest.ts'
import { designs } from '../../model/designs.ts'
import { machineOf } from '../../model/machine.ts'
import { properties } from '../../properties/index.ts'
import { MalformedCounterexample, parseCounterexample } from '../../verify/counterexample.ts'
import { rulesFor } from '../../verify/rules.ts'
import { seed } from '../support/seed.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const files = [
  'mem-id-insert-leak/no-mem-id-leaked',
  'destroy-count-only/no-use-of-freed-page',
  'destroy-count-only/nothing-left-at-rest',
  'deferred-release/no-unmap-after-unbind',
  'numa-refill-no-flush/new-nid-empties-the-cache',
].map((name) =>
  readFileSync(new URL(`../../counterexamples/${name}.json`, import.meta.url), 'utf8'),
)

interface Step {
  context: unknown
  fn: unknown
  step: unknown
  choice?: unknown
}
type Loose = Record<string, unknown> & { steps: Step[]; scope: Record<string, unknown> }
const odd = fc.oneof(
  fc.constantFrom('', 'fails', '__proto__', 'start', 'CPU 0 task', '\u001b[2J', '\ud800', null, -1),
  fc.constantFrom(1e308, 2 ** 31, 0, 1, 2, 3, true, false, 'nothing-left-at-rest', 'no-deadlock'),
  fc.jsonValue({ maxDepth: 3 }),
)
const change = fc.record({ how: fc.nat(9), i: fc.nat(), j: fc.nat(), it: odd })
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function apply(file: Loose, { how, i, j, it }: Change): void {
  const { steps, scope } = file
  if (!Array.isArray(steps) || steps.length === 0) return
  if (typeof scope !== 'object' || scope === null || Object.keys(scope).length === 0) return
  const a = i % steps.length
  const b = j % steps.length
  const key = <T extends object>(of: T): keyof T =>
    Object.keys(of)[j % Object.keys(of).length] as keyof T
  if (how === 0) steps.splice(a, 1)
  else if (how === 1) steps.splice(b, 0, structuredClone(steps[a]!))
  else if (how === 2) [steps[a], steps[b]] = [steps[b]!, steps[a]!]
  else if (how === 3) Object.assign(steps[a]!, { [key(steps[a]!)]: it })
  else if (how === 4) steps.length = a + 1
  else if (how === 5) steps.push(structuredClone(steps[a]!))
  else if (how === 6) file[key(file)] = it as never
  else if (how === 7) scope[key(scope)] = it
  else if (how === 8) file['property'] = properties[j % properties.length]!.id
  else if (how === 9) Object.assign(steps[a]!, { context: steps[b]!.context })
}

/** Walks the trace by comparing names, and asks the rule itself: neither the replay nor the judge takes part. */
function secondReading(text: string): { at: number } | { blocked: number } | 'not violated' {
  const it = parseCounterexample(text, 'file')
  const design = designs.find(({ id }) => id === it.design)!
  const machine = machineOf(design, it.scope)
  const rule: Rule = rulesFor(machine, design, properties).find(({ id }) => id === it.property)!
  machine.reset()
  const isWrong = (): boolean =>
    machine.reports.some(({ kind }) => rule.never?.includes(kind)) || rule.always?.() !== undefined
  const isLeft = (): boolean =>
    rule.rest !== undefined && atRest(machine) && rule.rest(machine.busy()) !== undefined
  if (isWrong() || isLeft()) return { at: 0 }
  for (const [i, wanted] of it.steps.entries()) {
    const moves = machine.moves.slice(0, machine.enabled())
    const move = moves.find((one) => {
      const { context, fn, step, choice } = machine.name(one)
      return (
        context === wanted.context &&
        fn === wanted.fn &&
        step === wanted.step &&
        choice === wanted.choice
      )
    })
    if (move === undefined) return { blocked: i + 1 }
    machine.fire(move)
    if (isWrong()) return { at: i + 1 }
    if (machine.reports.some(({ fatal }) => fatal)) return 'not violated'
    if (isLeft()) return { at: i + 1 }
  }
  return 'not violated'
}

type Reading = ReturnType<typeof secondReading>
function agree(text: string, code: number, read: Reading): void {
  const said = /(still violates|blocked) at step (\d+)/.exec(text)?.slice(1)
  if (read === 'not violated') expect(text).toMatch(/passes now|not violated, and the replay stops/)
  else if ('at' in read) expect(said).toEqual(['still violates', String(read.at)])
  else expect(said).toEqual(['blocked', String(read.blocked)])
  expect(code).toBe(typeof read === 'object' && 'at' in read ? 0 : 1)
}

const given = (path: string): Parameters<typeof replay>[0] => ({
  names: [path],
  values: { steps: false, store: 'counterexamples', json: undefined },
  signal: new AbortController().signal,
})
/** Exit code and everything printed. */
async function replayed(path: string): Promise<{ code: number; text: string }> {
  let text = ''
  const hear = (part: unknown): boolean => {
    text += String(part)
    return true
  }
  const spies = [process.stdout, process.stderr].map((it) =>
    vi.spyOn(it, 'write').mockImplementation(hear as never),
  )
  try {
    return { code: await replay(given(path)), text }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe(`a counterexample with something changed in it, seed ${seed}`, () => {
  it('is refused with exit code 3, or replayed as a second reading has it', async () => {
    const path = join(folder, 'fuzzed.json')
    const codes = new Map<number, number>()
    const changes = fc.array(change, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), changes, async (which, all) => {
        const file = JSON.parse(files[which]!) as Loose
        for (const one of all) apply(file, one)
        const content = JSON.stringify(file)
        writeFileSync(path, content)
        const { code, text } = await replayed(path)
        codes.set(code, (codes.get(code) ?? 0) + 1)
        expect(readFileSync(path, 'utf8')).toBe(content)
        expect(text).toContain(path)
        if (code === 3) expect(text).toMatch(/^poolproof: .*\n$/)
        else agree(text, code, secondReading(content))
      }),
      { seed, numRuns: 150 },
    )
    expect([...codes.keys()].sort()).toEqual([0, 1, 3])
  })
  it('or cut anywhere, is refused', () => {
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.nat(), (which, at) => {
        const text = files[which]!.trimEnd()
        expect(() => parseCounterexample(text.slice(0, at % text.length), 'file')).toThrow(
          MalformedCounterexample,
        )
      }),
      { seed, numRuns: 200 },
    )
  })
})
