/**
 * Control states are part of a state vector, so every thread must give the same one the same number.
 * Numbers follow from the order in which an automaton meets things for the first time; the journal is
 * that order, shared. A thread that meets something new takes the lock, first goes through what others
 * have written meanwhile, and writes down its own only if that is still new. It happens some hundred
 * times in a search, so the lock costs nothing.
 */
import { deserialize, serialize } from 'node:v8'
import type { Journal } from '../../program/automaton.ts'
import type { Value } from '../../step.ts'
import { ensure, type Growable } from './memory.ts'

/** A system whose control states can be numbered by a journal. */
export interface Numbered {
  share(journal: Journal): void
  /** Goes where an entry leads, for the first time; false when it had been there. */
  learn(key: number, result: Value): boolean
}

/** Header: the lock, and the bytes written after it. */
const LOCK = 0
const WRITTEN = 1
const HEADER = 8
/** An entry: key, length of the value, the value. */
const ENTRY = 8

export class SharedJournal implements Journal {
  private read = 0
  private readonly buffer: Growable
  private readonly words: Int32Array
  private readonly system: Numbered

  constructor(buffer: Growable, system: Numbered) {
    this.buffer = buffer
    this.system = system
    ensure(buffer, HEADER)
    this.words = new Int32Array(buffer, 0, HEADER / 4)
    system.share(this)
  }

  record(key: number, result: Value): void {
    const { words } = this
    while (Atomics.compareExchange(words, LOCK, 0, 1) !== 0) Atomics.wait(words, LOCK, 1)
    try {
      this.catchUp()
      if (this.system.learn(key, result)) this.append(key, result)
    } finally {
      Atomics.store(words, LOCK, 0)
      Atomics.notify(words, LOCK, 1)
    }
  }

  /** Learns what other threads have met since the last time. Needs no lock. */
  catchUp(): void {
    const written = Atomics.load(this.words, WRITTEN)
    while (this.read < written) {
      const at = HEADER + this.read
      const head = new DataView(this.buffer, at, ENTRY)
      const length = head.getUint32(4)
      // A copy: a value is not read out of memory that is shared.
      const value = new Uint8Array(this.buffer, at + ENTRY, length).slice()
      this.read += ENTRY + length
      this.system.learn(head.getInt32(0), deserialize(Buffer.from(value)) as Value)
    }
  }

  private append(key: number, result: Value): void {
    const value = serialize(result)
    const at = HEADER + this.read
    ensure(this.buffer, at + ENTRY + value.length)
    const head = new DataView(this.buffer, at, ENTRY)
    head.setInt32(0, key)
    head.setUint32(4, value.length)
    new Uint8Array(this.buffer, at + ENTRY, value.length).set(value)
    this.read += ENTRY + value.length
    Atomics.store(this.words, WRITTEN, this.read)
  }
}
