/** `poolproof search`, spawned: it tells what it finds, saves it when asked, and never loses a shorter one. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseCounterexample } from '../../verify/counterexample.ts'
import { saved } from '../../verify/store.ts'
import { poolproof, type Ended } from '../support/poolproof.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const search = (...argv: readonly string[]): Promise<Ended> =>
  poolproof(folder, ['search', 'deferred-release', '--scope', 'small', ...argv])
const PROPERTY = ['--property', 'no-unmap-after-unbind'] as const

describe('search', () => {
  it('tells the longer way of a smaller scope: no second reference, 58 steps', async () => {
    const { code, stdout } = await search(...PROPERTY)
    expect(stdout).toContain('no-unmap-after-unbind: violated at step 58')
    expect(stdout).toContain('[kworker] release_dw runs')
    expect(stdout).toContain('*** dma_unmap_page_attrs(pool')
    expect(stdout).not.toContain('splice()')
    expect(stdout).not.toContain('saved ')
    expect(code).toBe(0)
  })
  it('tells the first of several, and how to see the others', async () => {
    const { stdout } = await search()
    expect(stdout.match(/^CPU 0 /gm)).toHaveLength(1)
    expect(stdout).toMatch(
      /^\d more: name one with --property to see how, or save all with --save/m,
    )
  })
  it('tells each that was asked for by name', async () => {
    const { stdout } = await search(...PROPERTY, '--property', 'no-sync-after-unbind')
    expect(stdout.match(/^CPU 0 /gm)).toHaveLength(2)
    expect(stdout).not.toContain('more: name one')
  })
  it('writes the steps into --json', async () => {
    const path = join(folder, 'found.json')
    await search(...PROPERTY, '--json', path)
    const { verdicts } = JSON.parse(readFileSync(path, 'utf8')) as {
      verdicts: readonly { length: number; steps: readonly { fn: string }[] }[]
    }
    expect(verdicts[0]!.steps).toHaveLength(verdicts[0]!.length)
    expect(verdicts[0]!.steps[0]!.fn).toBe('driver is bound')
  })
})

describe('search --save', () => {
  const path = join('counterexamples', 'deferred-release', 'small', 'no-unmap-after-unbind.json')
  const inFolder = join(folder, path)
  it('saves beside what verify saves, where verify leaves it alone and replay finds it', async () => {
    const { stdout } = await search(...PROPERTY, '--save')
    expect(stdout).toContain(`saved    ${path}, 58 steps`)
    expect(saved(join(folder, 'counterexamples'), 'deferred-release')).toEqual([])
    const { stdout: told, code } = await poolproof(folder, ['replay', path])
    expect(told).toContain('still violates at step 58')
    expect(code).toBe(0)
  })
  it('keeps what is not longer, and replaces what is', async () => {
    await search(...PROPERTY, '--save')
    const before = readFileSync(inFolder, 'utf8')
    expect((await search(...PROPERTY, '--save')).stdout).toContain(`kept     ${path}`)
    expect(readFileSync(inFolder, 'utf8')).toBe(before)
    const it = parseCounterexample(before, path)
    const longer = { ...it, steps: [...it.steps, it.steps.at(-1)!] }
    writeFileSync(inFolder, JSON.stringify(longer))
    expect((await search(...PROPERTY, '--save')).stdout).toContain(`saved    ${path}, 58 steps`)
    expect(readFileSync(inFolder, 'utf8')).toBe(before)
  })
  it('leaves a file that cannot be read untouched and says which: exit code 3', async () => {
    const store = join(folder, 'other')
    const broken = join(store, 'deferred-release', 'small', 'no-unmap-after-unbind.json')
    mkdirSync(dirname(broken), { recursive: true })
    writeFileSync(broken, '{')
    const { code, stderr } = await search(...PROPERTY, '--save', '--store', store)
    expect(stderr).toContain(broken)
    expect(readFileSync(broken, 'utf8')).toBe('{')
    expect(code).toBe(3)
  })
  it('says which folder cannot be written: exit code 3', async () => {
    writeFileSync(join(folder, 'a-file'), '')
    const { code, stderr } = await search(...PROPERTY, '--save', '--store', 'a-file')
    expect(stderr).toContain('--store a-file cannot be used')
    expect(code).toBe(3)
  })
})
