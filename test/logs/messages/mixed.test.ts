/** Warnings of several machines, boots and sources in one file: no innocent log is impossible, and none is lost. */
import { describe, expect, it } from 'vitest'
import { seed } from '../../support/seed.ts'
import { dice, read } from '../trace.ts'

interface Told {
  readonly at: number
  readonly id: number
  readonly inflight: number
  readonly seconds: number
}
type Roll = (below: number) => number

/** One pool: destroyed at some time, warned of every 60 s and a little more, its count never rising. */
function stall(id: number, roll: Roll): Told[] {
  const destroyed = 20 + roll(3000) + roll(1000) / 1000
  let inflight = 1 + roll(100)
  let at = destroyed + 60.3 + roll(4) * 60.35
  return Array.from({ length: 1 + roll(6) }, () => {
    const told = { at, id, inflight, seconds: Math.floor(at - destroyed) }
    if (roll(3) === 0) inflight = 1 + roll(inflight)
    at += 60.1 + roll(900) / 1000
    return told
  })
}
const machine = (roll: Roll): Told[] =>
  Array.from({ length: 1 + roll(3) }, (_, i) => stall(i + 1, roll))
    .flat()
    .sort((a, b) => a.at - b.at)

const message = ({ id, inflight, seconds }: Told): string =>
  `page_pool_release_retry() stalled pool shutdown: id ${id}, ${inflight} inflight ${seconds} sec`
const clock = (at: number): string =>
  [Math.floor(at / 3600), Math.floor(at / 60) % 60, Math.floor(at) % 60]
    .map((n) => String(n).padStart(2, '0'))
    .join(':')
const stamp = (at: number): string => `[${at.toFixed(6).padStart(12)}]`
/** How a log names the machine and the time; `of` is 0 or 1. */
const FORMATS: Readonly<Record<string, (told: Told, of: number) => string>> = {
  'host and stamp': (it, of) =>
    `Jan  4 ${clock(it.at)} host${of} kernel: ${stamp(it.at)} ${message(it)}`,
  'host only': (it, of) => `2026-01-04T${clock(it.at)}+01:00 host${of} kernel: ${message(it)}`,
  'wall clock only': (it) => `Jan  4 ${clock(it.at)} host kernel: ${message(it)}`,
  'nothing at all': message,
  'stamps, and no id': (it) => `${stamp(it.at)} ${message(it).replace(/: id \d+,/, '')}`,
}
const half = (all: readonly string[]): number => all.length >> 1
const MERGES: Readonly<Record<string, (a: string[], b: string[]) => string[]>> = {
  alone: (a) => a,
  twice: (a) => [...a, ...a],
  'its halves swapped': (a) => [...a.slice(half(a)), ...a.slice(0, half(a))],
  'the end of it once more': (a) => [...a, ...a.slice(half(a))],
  'one after the other': (a, b) => [...a, ...b],
  woven: (a, b) =>
    Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
      .flat()
      .filter((line) => line !== undefined),
}
const ofOne = ['alone', 'twice', 'its halves swapped', 'the end of it once more']

describe.each(Object.keys(FORMATS))('%s', (format) => {
  it.each(Object.keys(MERGES))('%s', (merge) => {
    const roll = dice(seed)
    for (let round = 0; round < 150; round += 1) {
      const machines = [machine(roll), machine(roll)]
      const [a, b] = machines.map((all, of) => all.map((it) => FORMATS[format]!(it, of)))
      const log = MERGES[merge]!(a!, b!)
      const { verdict, warnings, shutdowns } = read(log)
      expect(verdict, log.join('\n')).not.toBe('impossible')
      expect(warnings.told + warnings.repeated, log.join('\n')).toBe(log.length)
      if (!ofOne.includes(merge)) continue
      const pools = new Set(machines[0]!.map(({ id }) => id)).size
      if (format.startsWith('host')) expect(shutdowns.length, log.join('\n')).toBe(pools)
      if (merge === 'twice' && format !== 'nothing at all' && format !== 'wall clock only')
        expect(warnings.repeated, log.join('\n')).toBe(a!.length)
    }
  })
})
