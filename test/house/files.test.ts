/** Files that somebody else wrote are read within bounds, and shown without steering the terminal. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyTwice } from '../../files/json.ts'
import { printable, printableLines, shortened } from '../../files/printable.ts'
import { readBounded, readText } from '../../files/read.ts'
import { removeLeftovers, writeWhole } from '../../files/write.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
const at = (name: string): string => join(folder, name)
const MB = 2 ** 20

describe('a file is read', () => {
  it('up to the limit, and not beyond it', () => {
    writeFileSync(at('four'), '1234')
    expect(readText(at('four'), 4)).toBe('1234')
    expect(() => readText(at('four'), 3)).toThrow('at most')
  })
  it('without its byte order mark', () => {
    writeFileSync(at('marked'), '\ufeff{}')
    expect(readText(at('marked'), MB)).toBe('{}')
  })
  it('not when it is large and empty', () => {
    writeFileSync(at('sparse'), '')
    truncateSync(at('sparse'), 3 * 2 ** 30)
    expect(() => readBounded(at('sparse'), MB)).toThrow('has 3072 MB; at most 1 MB are read')
  })
  it('not when it is a folder, a pipe nobody writes to, a device, or a link that leads nowhere', () => {
    execFileSync('mkfifo', [at('pipe')])
    symlinkSync('loop', at('loop'))
    symlinkSync('nothing', at('dangling'))
    expect(() => readBounded(folder, MB)).toThrow('is a folder')
    expect(() => readBounded(at('pipe'), MB)).toThrow('is a pipe')
    expect(() => readBounded('/dev/zero', MB)).toThrow('is a device')
    expect(() => readBounded(at('loop'), MB)).toThrow('ELOOP')
    expect(() => readBounded(at('dangling'), MB)).toThrow('ENOENT')
  })
})

describe('a file is written', () => {
  const room = at('room')
  mkdirSync(room)
  it('as a whole, and nothing else is left', () => {
    const path = join(room, 'a.json')
    writeWhole(path, 'one')
    writeWhole(path, 'two')
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(room)).toEqual(['a.json'])
  })
  it('or not at all, and nothing is left of it', () => {
    const taken = join(room, 'taken.json')
    mkdirSync(join(taken, 'by a folder'), { recursive: true })
    expect(() => writeWhole(taken, 'text')).toThrow()
    expect(() => writeWhole(join(room, 'a.json', 'under a file'), 'text')).toThrow()
    expect(readdirSync(room).sort()).toEqual(['a.json', 'taken.json'])
  })
})

describe('what a killed process left behind', () => {
  it('is removed, when it was of this host and is not running', () => {
    const room = at('leftovers')
    mkdirSync(room)
    const { pid: dead } = spawnSync('true')
    const host = hostname().replace(/[^\w-]/g, '-')
    const stale = [`a.json.${dead}.tmp`, `a.json.${host}.${dead}.tmp`]
    const kept = [
      'a.json',
      `a.json.${host}.${process.pid}.tmp`,
      `a.json.another-host.${dead}.tmp`,
      'notes.tmp',
    ]
    for (const name of [...stale, ...kept]) writeFileSync(join(room, name), '')
    removeLeftovers(room)
    expect(readdirSync(room).sort()).toEqual(kept.sort())
    removeLeftovers(join(room, 'is not there'))
  })
})

describe('what is shown', () => {
  it('has no control character, no mark that turns the writing, no half of a pair', () => {
    const text = '\u001b[2J\u0007\u009b1m\r\n\t\u202etxt\u2028\ud800 \u{e0001}é›😀'
    const shown = '\\x1b[2J\\x07\\x9b1m\\x0d\\n\\x09\\u202etxt\\u2028\\ud800 \\u{e0001}é›😀'
    expect(printable(text)).toBe(shown)
    expect(printableLines('a\n\tb\r\u001b')).toBe('a\n\tb\\x0d\\x1b')
  })
  it('is cut where it is long, and says so', () => {
    expect(shortened('x'.repeat(9), 4)).toBe('xxxx... (9 characters)')
    expect(shortened('xxxx', 4)).toBe('xxxx')
  })
})

describe('a key that stands in one object twice', () => {
  it.each([
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', undefined],
    ['{"a":"\\"a\\":","b":"{","a" : 2}', 'a'],
    ['[{"x":{"\\u0061":1,"a":2}}]', 'a'],
    ['"a"', undefined],
  ])('%s', (json, twice) => {
    expect(keyTwice(json)).toBe(twice)
  })
  it('is found in long strings and deep lists too', () => {
    const long = JSON.stringify({ a: '\\"'.repeat(MB) })
    expect(keyTwice(`${long.slice(0, -1)},"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toBe(
      'a',
    )
  })
})
