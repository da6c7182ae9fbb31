import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashVector } from '../../../engine/state/visited-set.ts'
import { VisitedSet } from '../../../engine/state/visited-set.ts'

/** Vectors of few values, so that many are equal. */
const vectors = (width: number): fc.Arbitrary<number[][]> =>
  fc.array(
    fc.array(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), { minLength: width, maxLength: width }),
    { maxLength: 200, size: 'max' },
  )
const widths = fc.integer({ min: 1, max: 4 }).chain((width) => vectors(width))

const hashesOf = (vectors: Uint32Array, width: number): Int32Array =>
  Int32Array.from({ length: vectors.length / width }, (_, i) =>
    hashVector(vectors, i * width, width),
  )

describe('a table of states', () => {
  test('numbers vectors in the order they were met, equal ones alike', () => {
    fc.assert(
      fc.property(widths, (all) => {
        const table = new VisitedSet(all[0]?.length ?? 1)
        const model = new Map<string, number>()
        for (const vector of all) {
          const known = model.get(vector.join())
          const number = known ?? model.size
          model.set(vector.join(), number)
          expect(table.intern(Uint32Array.from(vector))).toBe(number)
          expect(table.isNew).toBe(known === undefined)
        }
        expect(table.size).toBe(model.size)
      }),
      { seed: 51 },
    )
  })

  test('gives back each vector by its number', () => {
    fc.assert(
      fc.property(widths, (all) => {
        const table = new VisitedSet(all[0]?.length ?? 1)
        for (const vector of all) {
          const number = table.intern(Uint32Array.from(vector))
          const loaded = new Uint32Array(vector.length)
          table.load(number, loaded)
          expect([...loaded]).toEqual(vector)
        }
      }),
      { seed: 52 },
    )
  })

  test('takes many at once as it takes them one by one', () => {
    fc.assert(
      fc.property(widths, fc.nat(50), (all, before) => {
        const width = all[0]?.length ?? 1
        const [one, many] = [new VisitedSet(width), new VisitedSet(width)]
        const numbers = new Int32Array(all.length)
        for (const vector of all.slice(0, before)) {
          one.intern(Uint32Array.from(vector))
          many.intern(Uint32Array.from(vector))
        }
        const vectors = Uint32Array.from(all.flat())
        many.internAll(vectors, hashesOf(vectors, width), all.length, numbers)
        expect([...numbers]).toEqual(
          all.map((vector) => {
            const number = one.intern(Uint32Array.from(vector))
            return one.isNew ? ~number : number
          }),
        )
      }),
      { seed: 53 },
    )
  })

  test('grows past its first table and its first chunk, in batches too', () => {
    const table = new VisitedSet(2)
    const count = 150_000
    const batch = 1000
    const numbers = new Int32Array(batch)
    const vectorsFrom = (start: number): Uint32Array =>
      Uint32Array.from({ length: 2 * batch }, (_, i) => (i % 2 === 0 ? start + (i >> 1) : 7))
    for (let start = 0; start < count; start += batch) {
      const vectors = vectorsFrom(start)
      table.internAll(vectors, hashesOf(vectors, 2), batch, numbers)
      expect([numbers[0], numbers[batch - 1]]).toEqual([~start, ~(start + batch - 1)])
    }
    const loaded = new Uint32Array(2)
    for (let number = 0; number < count; number += 4999) {
      table.load(number, loaded)
      expect([...loaded]).toEqual([number, 7])
      expect(table.intern(loaded)).toBe(number)
    }
    expect(table.size).toBe(count)
  })
})
