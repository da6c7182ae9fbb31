/**
 * The calibration model the way one would write it on a free afternoon: objects, JSON keys, a Map.
 * It shares nothing with the engine, so it also checks the counts.
 */
import type { Size } from './model.ts'

interface State {
  own: string[]
  map: boolean[]
  pc: number[]
  hold: number
  rel: number
  dpc: number
  ret: boolean
  bound: boolean
  err: number
}
const CACHE = 2

export function naiveSearch(size: Size): { states: number; transitions: number } {
  const first: State = {
    own: Array.from({ length: size.pages }, () => 'free'),
    map: Array.from({ length: size.pages }, () => false),
    pc: Array.from({ length: size.returners }, () => 0),
    hold: 0,
    rel: 0,
    dpc: 0,
    ret: false,
    bound: true,
    err: 0,
  }
  const seen = new Map<string, number>([[JSON.stringify(first), 0]])
  let frontier = [first]
  let transitions = 0
  while (frontier.length > 0) {
    const next: State[] = []
    for (const state of frontier)
      for (const successor of successors(state, size)) {
        transitions += 1
        const key = JSON.stringify(successor)
        if (seen.has(key)) continue
        seen.set(key, seen.size)
        next.push(successor)
      }
    frontier = next
  }
  return { states: seen.size, transitions }
}

function successors(s: State, size: Size): State[] {
  if (s.err !== 0) return []
  const modulus = 2 ** size.bits
  const count = (own: string): number => s.own.filter((it) => it === own).length
  const inflight = (it: State): number => {
    const d = (it.hold - it.rel + modulus) % modulus
    return d >= modulus / 2 ? d - modulus : d
  }
  const all: State[] = []
  const to = (change: (it: State) => void): void => {
    const it = structuredCloneOf(s)
    change(it)
    all.push(it)
  }
  const unmap = (it: State, p: number): void => {
    if (size.variant === 'defer' && !it.map[p]) it.err = 2
    else if (it.map[p] && !it.bound) it.err = 1
    it.map[p] = false
  }
  const release = (it: State, p: number): void => {
    unmap(it, p)
    it.rel = (it.rel + 1) % modulus
    it.own[p] = 'free'
  }
  for (let p = 0; p < size.pages; p += 1) {
    const own = s.own[p]!
    if (s.dpc === 0) {
      if (own === 'cache') to((it) => (it.own[p] = 'driver'))
      if (own === 'ring' && count('cache') === 0) to((it) => (it.own[p] = 'cache'))
      if (own === 'free' && count('cache') + count('ring') === 0)
        to((it) => {
          it.own[p] = 'driver'
          it.map[p] = true
          it.hold = (it.hold + 1) % modulus
        })
      if (own === 'driver') to((it) => (it.own[p] = 'skb'))
      if (own === 'driver' && count('cache') < CACHE) to((it) => (it.own[p] = 'cache'))
    }
    if (s.dpc === 2 && own === 'cache') to((it) => release(it, p))
    if (s.dpc === 3 && s.map[p])
      to((it) => {
        if (!it.bound) it.err = 1
        it.map[p] = false
      })
    if (s.dpc === 4 && own === 'ring') to((it) => release(it, p))
    for (let c = 0; c < size.returners; c += 1)
      if (s.pc[c] === 0 && (own === 'skb' || (own === 'driver' && s.dpc >= 1)))
        to((it) => {
          it.own[p] = `hand ${c}`
          it.pc[c] = 1
        })
  }
  for (let c = 0; c < size.returners; c += 1) {
    const p = s.own.indexOf(`hand ${c}`)
    const dead = (it: State): void => {
      if (s.dpc === 7) it.err = 3
    }
    if (s.pc[c] === 1)
      to((it) => {
        it.pc[c] = s.dpc >= 2 ? 3 : 2
        dead(it)
      })
    if (s.pc[c] === 2)
      to((it) => {
        dead(it)
        if (count('ring') >= size.ring) it.pc[c] = 3
        else {
          it.own[p] = 'ring'
          it.pc[c] = 0
        }
      })
    if (s.pc[c] === 3)
      to((it) => {
        unmap(it, p)
        it.pc[c] = 4
        dead(it)
      })
    if (s.pc[c] === 4)
      to((it) => {
        it.rel = (it.rel + 1) % modulus
        it.pc[c] = 5
        dead(it)
        if (inflight(it) < 0) it.err = 4
      })
    if (s.pc[c] === 5)
      to((it) => {
        it.own[p] = 'free'
        it.pc[c] = 0
      })
  }
  if (s.dpc === 0) to((it) => (it.dpc = 1))
  if (s.dpc === 1) to((it) => (it.dpc = 2))
  if (s.dpc === 2 && count('cache') === 0) to((it) => (it.dpc = size.variant === 'xarray' ? 3 : 4))
  if (s.dpc === 3 && !s.map.includes(true)) to((it) => (it.dpc = 4))
  if (s.dpc === 4 && count('ring') === 0) to((it) => (it.dpc = 5))
  if (s.dpc === 5)
    to((it) => {
      if (inflight(it) < 0) it.err = 4
      it.ret = true
      it.dpc = inflight(it) === 0 ? 7 : 6
    })
  if (s.dpc === 6) to((it) => (it.dpc = 4))
  if (s.ret && s.bound) to((it) => (it.bound = false))
  return all
}
const structuredCloneOf = (s: State): State => ({
  ...s,
  own: [...s.own],
  map: [...s.map],
  pc: [...s.pc],
})
