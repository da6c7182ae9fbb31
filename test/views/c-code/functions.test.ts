/** Calls, loops, scopes, and functions printed where they are called, as C. */
import { describe, expect, it } from 'vitest'
import { c, f, lines } from '../../support/c-code.ts'

describe('calls', () => {
  it('of the design and of the kernel look alike, in either way to write them', () => {
    for (const call of [
      'this.g(pool, page)',
      'g(pool, page)',
      'call(this.g, pool, page)',
      'call(g, pool, page)',
    ])
      expect(f(`yield* ${call}`)).toBe('g(pool, page);')
  })
  it('of one of two functions are an if', () => {
    for (const call of ['call(soft ? lock : lock_bh, page)', '(soft ? lock : lock_bh)(page)'])
      expect(f(`yield* ${call}`)).toBe(
        lines('if (soft)', '\tlock(page);', 'else', '\tlock_bh(page);'),
      )
  })
  it('name a lock by its address', () => {
    expect(f("yield* spin_lock_bh('pool.ring_lock', pool)")).toBe('spin_lock_bh(&pool->ring_lock);')
  })
  it('in conditions stand where they are', () => {
    expect(f('if (!(yield* this.g(page))) return; yield* this.h(page)')).toBe(
      lines('if (!g(page))', '\treturn;', 'h(page);'),
    )
    expect(f('const n = yield* this.g(page); if (n === 0) return; yield* this.h(page)')).toBe(
      lines('if (!g(page))', '\treturn;', 'h(page);'),
    )
  })
  it('are not put inside each other', () => {
    expect(f('const soft = yield* this.lock(pool); yield* this.unlock(pool, soft)')).toBe(
      lines('soft = lock(pool);', 'unlock(pool, soft);'),
    )
  })
  it('are not moved behind a condition, nor behind another step', () => {
    expect(f('const a = yield* this.g(page); if (page && a) return; yield* this.h(page)')).toBe(
      lines('a = g(page);', 'if (page && a)', '\treturn;', 'h(page);'),
    )
    expect(
      f('const a = yield* this.g(page); if ((yield* this.h(page)) === a) yield* this.i()'),
    ).toBe(lines('a = g(page);', 'if (h(page) == a)', '\ti();'))
  })
})

describe('what the scope decides', () => {
  const world = {
    constants: { 'scope.frags': false, 'scope.nodes': 2, 'scope.bulk': 2, barrier: true },
  }
  it('is decided, and what is dead is left out', () => {
    expect(
      f(
        'if (this.scope.frags && !(yield* this.last(page))) return; if (this.scope.nodes > 1) yield* this.near(page); else yield* this.any(page)',
        world,
      ),
    ).toBe('near(page);')
    expect(
      f(
        'const done = yield* this.g(page); if (done && !this.barrier) yield* this.h(page); return done',
        world,
      ),
    ).toBe('return g(page);')
    expect(
      f(
        'const err = this.scope.frags ? yield* this.g(page) : 0; if (err < 0) return err; return 1',
        world,
      ),
    ).toBe('return 1;')
  })
  it('keeps its numbers by name', () => {
    expect(f('for (let i = 0; i < this.scope.bulk; i += 1) yield* this.g(i)', world)).toBe(
      lines('for (i = 0; i < PP_ALLOC_CACHE_REFILL; i++)', '\tg(i);'),
    )
  })
})

describe('loops', () => {
  const wanted = lines('while ((page = next(pool))) {', '\tput(page);', '\tn++;', '}')
  const inside = "yield* put(page); yield* step('n++', (w) => { w.n += 1 })"
  it('loop(): the body of the function, going round while it returns true', () => {
    expect(
      c(`class A { *f(pool) { yield* loop(this.one, pool) }
        *one(pool) { const page = yield* next(pool); if (page === NONE) return false; ${inside}; return true } }`),
    ).toBe(wanted)
  })
  it('again(): the label is the first line, and what it says is not repeated', () => {
    expect(
      c(`class A { *f(pool) { for (;;) { yield* again('while ((page = next(pool)))');
        const page = yield* next(pool); if (page === NONE) return; ${inside} } } }`),
    ).toBe(wanted)
  })
  it('again() in the middle of a function keeps a return that leaves it', () => {
    expect(
      c(`class A { *f(pool) { for (;;) { yield* again('while ((page = next(pool)))');
        const page = yield* next(pool); if (page === NONE) return; ${inside} } yield* last(pool) } }`),
    ).toContain('\t\treturn;')
  })
  it('again() of other loops: as their labels have them', () => {
    const consume = 'const page = yield* next(pool); if (page === NONE)'
    expect(
      c(`class A { *f(pool) { for (;;) { yield* again('do while (n < MAX)');
        ${consume} break; if (!(yield* push(page))) break } } }`),
    ).toBe(
      lines(
        'do {',
        '\tpage = next(pool);',
        '\tif (!page)',
        '\t\tbreak;',
        '\tpush(page);',
        '} while (n < MAX);',
      ),
    )
    expect(
      c(`class A { *f(pool) { for (;;) { yield* again('for (i = 0; i < rq->size; i++)');
        ${consume} return; yield* put(page) } } }`),
    ).toBe(lines('for (i = 0; i < rq->size; i++) {', '\tpage = next(pool);', '\tput(page);', '}'))
    expect(
      c(
        `class A { *f(pool) { for (;;) { yield* again('do'); ${consume} break; yield* put(page) } } }`,
      ),
    ).toBe(lines('while ((page = next(pool)))', '\tput(page);'))
  })
  it('again() keeps a test that does more than its label says', () => {
    expect(
      c(`class A { *f(pool) { for (;;) { yield* again('for (i = 0; i < MAX; i++)');
        const page = yield* next(pool); if (page === NONE || !(yield* push(page))) return } } }`),
    ).toContain('!push(page)')
  })
  it('with the number of each', () => {
    expect(
      f('for (const [i, it] of page.entries()) if (!(yield* this.g(it))) return i; return 9'),
    ).toBe(
      lines(
        'for (i = 0; i < page_len; i++) {',
        '\tif (!g(page[i]))',
        '\t\treturn i;',
        '}',
        'return 9;',
      ),
    )
  })
  it('over lists, with what is done to them', () => {
    expect(
      f(
        'const bulk = []; for (const it of page) { if (yield* this.g(it)) bulk.push(it) } if (bulk.length === 0) return; const n = yield* this.put(pool, ...bulk); for (const it of bulk.slice(n)) yield* this.h(it)',
      ),
    ).toBe(
      lines(
        'bulk_len = 0;',
        'for_each(it, page) {',
        '\tif (g(it))',
        '\t\tbulk[bulk_len++] = it;',
        '}',
        'if (!bulk_len)',
        '\treturn;',
        'n = put(pool, bulk, bulk_len);',
        'for_each(it, bulk + n)',
        '\th(it);',
      ),
    )
  })
  it('while, do, switch, break and continue', () => {
    expect(f('while (n < 3) { if (yield* this.g(n)) continue; n += 1 }')).toBe(
      lines('while (n < 3) {', '\tif (g(n))', '\t\tcontinue;', '\tn++;', '}'),
    )
    expect(f('do { yield* this.g(page) } while (yield* this.more(page))')).toBe(
      lines('for (;;) {', '\tg(page);', '\tif (!more(page))', '\t\tbreak;', '}'),
    )
    expect(f('switch (page) { case 1: yield* this.g(page); break; default: return }')).toBe(
      lines('switch (page) {', 'case 1:', '\tg(page);', '\tbreak;', 'default:', '\treturn;', '}'),
    )
  })
})

describe('functions printed where they are called', () => {
  const base = (body: string): string => `class B { *f(pool, page) { ${body} } }`
  const tests = "if (yield* step('if (!a)', (w) => !w.a)) return; yield* step('b()', () => {})"
  it('super.f() at the end: with a word about whose it is', () => {
    expect(
      c(
        `class A extends B { *f(pool, page) { yield* this.g(); yield* super.f(pool, page) } } ${base(tests)}`,
      ),
    ).toBe(lines('g();', '/* as in B: */', 'if (!a)', '\treturn;', 'b();'))
  })
  it('super.f() in the middle: its returns lead behind it', () => {
    expect(
      c(
        `class A extends B { *f(pool, page) { yield* lock(); yield* super.f(pool, page); yield* unlock() } } ${base(tests)}`,
      ),
    ).toBe(
      lines('lock();', '/* as in B: */', 'if (!a)', '\tgoto out;', 'b();', 'out:', 'unlock();'),
    )
  })
  it('super.f() with a result', () => {
    expect(
      c(`class A extends B { *f(pool, page) { if (!(yield* this.g())) return false; return yield* super.f(page, pool) } }
        ${base('return yield* this.h(pool, page)')}`),
    ).toBe(lines('if (!g())', '\treturn false;', '/* as in B: */', 'return h(page, pool);'))
  })
  it('a helper that returns one value', () => {
    expect(
      c(
        "class A { *f(pool) { if (!(yield* this.empty_part(pool))) yield* wait() } *empty_part(p) { return yield* step('xa_empty(&pool->xa)', (w) => w.n === 0) } }",
      ),
    ).toBe(lines('if (!xa_empty(&pool->xa))', '\twait();'))
  })
  it('a helper that says yes or no: where it says no, the caller leaves', () => {
    expect(
      c(`class A { *f(page) { if (!(yield* this.claim_part(page))) return; yield* unmap(page) }
        *claim_part(it) { if (yield* step('if (!map)', (w) => !w.map)) return false; return yield* this.take(it) } }`),
    ).toBe(lines('if (!map)', '\treturn;', 'if (!take(page))', '\treturn;', 'unmap(page);'))
  })
  it('a helper whose variables are called as those of the caller: under other names', () => {
    expect(
      c(
        'class A { *f(pool) { const n = yield* this.g(); yield* this.count_part(); yield* this.h(n) } *count_part() { const n = yield* this.i(); yield* this.j(n, n) } }',
      ),
    ).toBe(lines('n = g();', 'n2 = i();', 'j(n2, n2);', 'h(n);'))
  })
  it('a hook that does nothing: not at all', () => {
    expect(
      c('class A { *f(pool) { yield* this.before(pool); yield* this.g(pool) } *before(_pool) {} }'),
    ).toBe('g(pool);')
  })
})
