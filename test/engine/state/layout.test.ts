import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  array,
  counter,
  flag,
  layout,
  list,
  NONE,
  oneOf,
  record,
  ref,
  set,
  uint,
  type Fields,
  type Scalar,
} from '../../../engine/state/layout.ts'
import { fields, leaves, shapes, type Plain } from '../shapes.ts'

/** Which leaf, what to do with it, and the number to do it with. */
const writes = fc.array(
  fc.tuple(fc.nat(1000), fc.nat(6), fc.integer({ min: 0, max: 0xffffffff })),
  { maxLength: 40 },
)
const runs = { seed: 1, numRuns: 300 }

describe('any declaration', () => {
  test('reads back what was written, and a write touches no other field', () => {
    fc.assert(
      fc.property(shapes, writes, (shape, writes) => {
        const declared = layout(fields(shape))
        const all = leaves(shape, declared.bind(new Uint32Array(declared.words)))
        const model: Plain[] = all.map((leaf) => leaf.zero)
        for (const [at, op, n] of writes) {
          const index = at % all.length
          model[index] = all[index]!.act(op, n, model[index]!)
          expect(all.map((leaf) => leaf.read())).toEqual(model)
        }
      }),
      runs,
    )
  })

  test('has equal words for equal content, whatever was done before', () => {
    fc.assert(
      fc.property(shapes, writes, (shape, writes) => {
        const declared = layout(fields(shape))
        const worn = new Uint32Array(declared.words)
        const fresh = new Uint32Array(declared.words)
        const all = leaves(shape, declared.bind(worn))
        const model: Plain[] = all.map((leaf) => leaf.zero)
        for (const [at, op, n] of writes) {
          const index = at % all.length
          model[index] = all[index]!.act(op, n, model[index]!)
        }
        for (const [i, leaf] of leaves(shape, declared.bind(fresh)).entries()) leaf.write(model[i]!)
        expect(fresh).toEqual(worn)
        expect(declared.diff(fresh, worn)).toEqual([])
      }),
      runs,
    )
  })

  test('places every slot inside one word, on bits of its own', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const declared = layout(fields(shape))
        const used = Array.from({ length: declared.words }, () => 0n)
        for (const slot of declared.slots) {
          const bits = BigInt(slot.mask) << BigInt(slot.shift)
          expect(bits < 1n << 32n, `${slot.path} straddles`).toBe(true)
          expect(used[slot.word]! & bits, `${slot.path} overlaps`).toBe(0n)
          used[slot.word]! |= bits
        }
        expect(new Set(declared.slots.map((slot) => slot.path)).size).toBe(declared.slots.length)
      }),
      runs,
    )
  })

  test('describes exactly what a diff reports as changed', () => {
    fc.assert(
      fc.property(shapes, writes, (shape, writes) => {
        const declared = layout(fields(shape))
        const before = new Uint32Array(declared.words)
        const after = new Uint32Array(declared.words)
        const all = leaves(shape, declared.bind(after))
        const model: Plain[] = all.map((leaf) => leaf.zero)
        for (const [at, op, n] of writes) {
          const index = at % all.length
          model[index] = all[index]!.act(op, n, model[index]!)
        }
        const was = declared.describe(before)
        const is = declared.describe(after)
        expect(Object.keys(is)).toEqual(declared.slots.map((slot) => slot.path))
        expect(declared.diff(before, after)).toEqual(
          Object.keys(is)
            .filter((path) => was[path] !== is[path])
            .map((path) => ({ path, from: was[path], to: is[path] })),
        )
      }),
      runs,
    )
  })
})

const bound = <V>(field: Scalar<V>) => {
  const declared = layout({ x: field })
  const words = new Uint32Array(declared.words)
  return { words, declared, view: declared.bind(words) as { x: V } }
}

describe('scalars', () => {
  test.each([1, 3, 4, 1000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2])(
    'a uint up to %d refuses what is out of range and names the field',
    (max) => {
      const { view } = bound(uint(max))
      view.x = max
      expect(view.x).toBe(max)
      for (const wrong of [max + 1, -1, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => (view.x = wrong)).toThrow(
          new RegExp(`x cannot hold ${wrong}: it .* from 0 to ${max}\\b`),
        )
      expect(view.x, 'a refused write leaves the field alone').toBe(max)
    },
  )

  test('an error names the field by the path of its records and arrays', () => {
    const declared = layout({
      outer: record({ inner: record({ n: uint(2) }), row: array('row', 2, { cell: uint(1) }) }),
    })
    const view = declared.bind(new Uint32Array(declared.words))
    expect(() => (view.outer.inner.n = 3)).toThrow(
      'outer.inner.n cannot hold 3: it goes from 0 to 2',
    )
    expect(() => (view.outer.row(1).cell = 2)).toThrow(
      'outer.row.cell cannot hold 2: it goes from 0 to 1',
    )
  })

  test.each([1, 2, 4, 7, 8, 16, 31, 32])('a counter of %d bits wraps at its width', (bits) => {
    const { view } = bound(counter(bits))
    view.x -= 1
    expect(view.x).toBe(2 ** bits - 1)
    view.x += 1
    expect(view.x).toBe(0)
    view.x += 2 ** bits + 1
    expect(view.x).toBe(1)
  })

  test('a 32-bit counter passes 2^31 as an unsigned number', () => {
    const { view } = bound(counter(32))
    view.x = 2 ** 31 - 1
    view.x += 1
    expect(view.x).toBe(2 ** 31)
    view.x = 2 ** 32 - 1
    view.x += 3
    expect(view.x).toBe(2)
  })

  test('a choice of names holds those names only', () => {
    const { view } = bound(oneOf('idle', 'busy', 'gone'))
    expect(view.x).toBe('idle')
    view.x = 'gone'
    expect(view.x).toBe('gone')
    expect(() => (view.x = 'lost' as 'gone')).toThrow('x cannot hold "lost": it is one of "')
    expect(view.x).toBe('gone')
  })

  test('a reference is NONE where the words are zero', () => {
    const { view, words } = bound(ref('page', 4))
    expect(words[0]).toBe(0)
    expect(view.x).toBe(NONE)
    view.x = 3
    expect(view.x).toBe(3)
    view.x = NONE
    expect(words[0]).toBe(0)
    expect(() => (view.x = 4)).toThrow('x cannot hold 4: it is a ')
    expect(() => (view.x = -2)).toThrow('x cannot hold -2')
  })

  test('a flag is one bit', () => {
    const declared = layout({ a: flag(), b: flag(), c: flag() })
    const words = new Uint32Array(declared.words)
    const view = declared.bind(words)
    view.a = true
    view.c = true
    view.a = false
    expect([view.a, view.b, view.c]).toEqual([false, false, true])
    expect([...words]).toEqual([4])
  })
})

describe('lists', () => {
  const long = (capacity: number) => {
    const declared = layout({
      before: counter(32),
      queue: list('page', 200, capacity),
      after: flag(),
    })
    const words = new Uint32Array(declared.words)
    return { declared, words, view: declared.bind(words) }
  }

  test('200 entries over many words keep their order, and leave the words zero behind them', () => {
    const { declared, words, view } = long(200)
    expect(declared.words).toBeGreaterThan(50)
    view.before = 0xffffffff
    view.after = true
    const empty = words.slice()
    for (let i = 0; i < 200; i += 1) view.queue.push((i * 7) % 200)
    const expected = Array.from({ length: 200 }, (_, i) => (i * 7) % 200)
    expect(view.queue.toArray()).toEqual(expected)
    expect(view.queue.has(199)).toBe(true)
    expect(view.queue.remove(expected[100]!)).toBe(true)
    expected.splice(100, 1)
    expect(view.queue.toArray()).toEqual(expected)
    expect(view.queue.has((100 * 7) % 200)).toBe(false)
    expect(view.queue.shift()).toBe(expected.shift())
    expect(view.queue.pop()).toBe(expected.pop())
    expect(view.queue.toArray()).toEqual(expected)
    view.queue.clear()
    expect(words).toEqual(empty)
  })

  test('behave as a JavaScript array does, across word borders too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.nat(199)), { minLength: 150, maxLength: 400, size: 'max' }),
        (operations) => {
          const { view } = long(60)
          const model: number[] = []
          for (const [op, value] of operations) {
            if (op === 0) expect(view.queue.pop()).toBe(model.pop() ?? NONE)
            else if (op === 1) expect(view.queue.shift()).toBe(model.shift() ?? NONE)
            else if (op === 2 && model.length > 0) {
              const there = model[value % model.length]!
              model.splice(model.indexOf(there), 1)
              expect(view.queue.remove(there)).toBe(true)
            } else if (model.length < 60) {
              view.queue.push(value)
              model.push(value)
            }
            expect(view.queue.length).toBe(model.length)
          }
          expect(view.queue.toArray()).toEqual(model)
          expect([view.before, view.after]).toEqual([0, false])
        },
      ),
      { seed: 2, numRuns: 40 },
    )
  })

  test('a full list refuses a push and says which list it is', () => {
    const declared = layout({ ring: list('page', 3, 2) })
    const view = declared.bind(new Uint32Array(declared.words))
    view.ring.push(2)
    view.ring.push(2)
    expect(() => view.ring.push(1)).toThrow('list ring is full (2)')
    expect(view.ring.toArray()).toEqual([2, 2])
  })

  test('an empty list gives NONE and knows nothing', () => {
    const { view } = long(4)
    expect([view.queue.pop(), view.queue.shift(), view.queue.at(0), view.queue.at(-1)]).toEqual([
      NONE,
      NONE,
      NONE,
      NONE,
    ])
    expect([view.queue.remove(0), view.queue.has(0)]).toEqual([false, false])
  })

  test('remove takes the first of equal entries', () => {
    const { view } = long(5)
    for (const page of [1, 2, 1, 3]) view.queue.push(page)
    expect(view.queue.remove(1)).toBe(true)
    expect(view.queue.toArray()).toEqual([2, 1, 3])
  })
})

describe('sets', () => {
  test('hold 32 members at most', () => {
    const declared = layout({ before: flag(), all: set('page', 32), after: flag() })
    const view = declared.bind(new Uint32Array(declared.words))
    for (let page = 0; page < 32; page += 1) view.all.add(page)
    expect(view.all.mask).toBe(0xffffffff)
    view.all.delete(31)
    expect([view.all.has(31), view.all.has(30), view.all.isEmpty]).toEqual([false, true, false])
    expect([view.before, view.after]).toEqual([false, false])
    expect(() => set('page', 33)).toThrow('a set of page holds at most 32 members, not 33')
  })

  test('a mask written whole keeps to the members of the domain', () => {
    const declared = layout({ some: set('page', 3), after: uint(7) })
    const view = declared.bind(new Uint32Array(declared.words))
    view.some.mask = 0xff
    expect([view.some.mask, view.after]).toEqual([7, 0])
  })
})

describe('arrays and people', () => {
  const declared = layout({
    state: oneOf('idle', 'busy'),
    owner: ref('page', 3),
    page: array('page', 2, { refcount: uint(3), mapped: flag() }),
    ring: list('page', 2, 2),
    seen: set('page', 3),
    pool: record({ hold: counter(4) }),
  })

  test('an array refuses an index it does not have', () => {
    const view = declared.bind(new Uint32Array(declared.words))
    expect(() => view.page(2)).toThrow(
      'page(2): there is no such element. What it takes is a page (numbers 0 to 1).',
    )
    expect(() => view.page(NONE)).toThrow('page(-1): there is no such element')
    expect(view.page.all).toHaveLength(2)
  })

  test('a state is described in the words of its declaration', () => {
    const words = new Uint32Array(declared.words)
    const view = declared.bind(words)
    view.state = 'busy'
    view.page(1).refcount = 2
    view.page(1).mapped = true
    view.ring.push(1)
    view.seen.add(2)
    view.pool.hold -= 1
    expect(declared.describe(words)).toEqual({
      '.state': 'busy',
      '.owner': null,
      '.page[0].refcount': 0,
      '.page[0].mapped': false,
      '.page[1].refcount': 2,
      '.page[1].mapped': true,
      '.ring.length': 1,
      '.ring[0]': 1,
      '.ring[1]': null,
      '.seen': 4,
      '.pool.hold': 15,
    })
  })

  test('a diff lists the fields that changed, with both values', () => {
    const before = new Uint32Array(declared.words)
    const after = new Uint32Array(declared.words)
    declared.bind(before).owner = 2
    declared.bind(after).page(0).refcount = 3
    expect(declared.diff(before, after)).toEqual([
      { path: '.owner', from: 2, to: null },
      { path: '.page[0].refcount', from: 0, to: 3 },
    ])
  })

  test('several vectors may be bound, each to its own views', () => {
    const one = new Uint32Array(declared.words)
    const other = new Uint32Array(declared.words)
    declared.bind(one).pool.hold = 3
    declared.bind(other).pool.hold = 5
    expect([declared.bind(one).pool.hold, declared.bind(other).pool.hold]).toEqual([3, 5])
  })
})

describe('a wrong write', () => {
  // The bits of -1 and of 5 run over into the fields that follow in the word.
  test.each([NONE, 5])('of %d to a list of three is refused', (value) => {
    const declared = layout({ ring: list('page', 3, 2), after: uint(7) })
    const view = declared.bind(new Uint32Array(declared.words))
    expect(() => view.ring.push(value)).toThrow('ring')
  })

  test('to a list leaves its neighbours alone, even when it is not refused', () => {
    const declared = layout({ ring: list('page', 3, 2), after: uint(7) })
    const view = declared.bind(new Uint32Array(declared.words))
    try {
      view.ring.push(NONE)
    } catch {}
    expect(view.after).toBe(0)
  })

  // Shifts count modulo 32: NONE is member 31, 32 is member 0.
  test.each([NONE, 32])('of %d to a set is refused', (value) => {
    const declared = layout({ all: set('page', 32) })
    const view = declared.bind(new Uint32Array(declared.words))
    expect(() => view.all.add(value)).toThrow('all')
  })
  test('NONE is in no set', () => {
    const declared = layout({ all: set('page', 32) })
    const view = declared.bind(new Uint32Array(declared.words))
    view.all.add(31)
    expect(view.all.has(NONE)).toBe(false)
  })

  test('of a fraction to a uint is refused', () => {
    const { view } = bound(uint(3))
    expect(() => (view.x = 1.5)).toThrow('x cannot hold 1.5: it is a whole number')
  })
})

describe('a declaration', () => {
  // The views keep their own w, o and s beside the fields.
  test.each(['w', 'o', 's'])('may have a field called %s, or says that it may not', (name) => {
    const fields: Fields = { m: flag(), n: uint(7), [name]: list('page', 3, 2) }
    let declared: ReturnType<typeof layout>
    try {
      declared = layout(fields)
    } catch (error) {
      expect(String(error)).toContain(name)
      return
    }
    const words = new Uint32Array(declared.words)
    const view = declared.bind(words) as { n: number }
    view.n = 5
    expect(declared.describe(words)['.n']).toBe(5)
  })

  test('of a counter that no word can hold is refused', () => {
    expect(() => counter(33)).toThrow()
  })
  test('of a number that no word can hold is refused', () => {
    expect(() => uint(2 ** 32)).toThrow()
  })
})
