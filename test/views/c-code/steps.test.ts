/** Steps and other words of the model as C. */
import { describe, expect, it } from 'vitest'
import { c, f, lines } from '../../support/c-code.ts'

describe('a step prints as its label', () => {
  it('as a statement', () => {
    expect(f("yield* step('page->pp = NULL', (w) => { w.page(page).pp = NONE })")).toBe(
      'page->pp = NULL;',
    )
    expect(f("yield* local('n = 1', (w) => { w.n = 1 })")).toBe('n = 1;')
  })
  it('through a module, as test runners compile imports', () => {
    expect(f("yield* (0, __vi_import_0__.step)('n++', (w) => { w.n += 1 })")).toBe('n++;')
  })
  it('as a condition, where its result is tested once, right after', () => {
    expect(
      f(
        "const full = yield* step('r->queue[r->producer] taken?', (w) => taken(w)); if (full) return false",
      ),
    ).toBe(lines('if (r->queue[r->producer] taken?)', '\treturn false;'))
  })
  it('whose "if (...)" is the condition, and is not written twice', () => {
    const text = "const unmapped = yield* step('if (!pool->dma_map)', (w) => !w.pool(pool).dma_map)"
    expect(f(`${text}; if (unmapped) return; yield* step('x()', () => {})`)).toBe(
      lines('if (!pool->dma_map)', '\treturn;', 'x();'),
    )
  })
  it('whose "if (...)" is the condition also where the step tells the opposite', () => {
    const text = "const mapped = yield* step('if (!pool->dma_map)', (w) => w.pool(pool).dma_map)"
    expect(f(`${text}; if (!mapped) return; yield* step('x()', () => {})`)).toBe(
      lines('if (!pool->dma_map)', '\treturn;', 'x();'),
    )
  })
  it('that assigns by itself, and is not assigned twice', () => {
    expect(
      f(
        "const id = yield* step('id = get_id(page)', (w) => w.id); if (id === 0) return; yield* step('put(id)', (w) => put(w, id))",
      ),
    ).toBe(lines('id = get_id(page);', 'if (!id)', '\treturn;', 'put(id);'))
  })
  it('that stores a constant and gives back what was there', () => {
    expect(
      f(
        "const was = yield* step('pool->frag_page = NULL', (w) => { const it = w.pool(pool).frag_page; w.pool(pool).frag_page = NONE; return it }); if (was === NONE) return; yield* this.put(was)",
      ),
    ).toBe(
      lines(
        'was = pool->frag_page;',
        'pool->frag_page = NULL;',
        'if (!was)',
        '\treturn;',
        'put(was);',
      ),
    )
  })
  it('that stores one thing and tells another: both', () => {
    expect(
      f(
        "return yield* step('pool->cache[pool->count++] = page', (w) => { w.pool(pool).cache.push(page); return w.pool(pool).cache.length < this.scope.bulk })",
        {
          constants: { 'scope.bulk': 2 },
        },
      ),
    ).toBe(
      lines(
        'pool->cache[pool->count++] = page;',
        'return pool->cache_len < PP_ALLOC_CACHE_REFILL;',
      ),
    )
  })
  it('of which all is done under a condition that the label leaves out: with it', () => {
    expect(
      f(
        "yield* step('get_device(pool->p.dev)', (w) => { if (w.pool(pool).dma_map) get_device(w, w.pool(pool).dev) })",
      ),
    ).toBe(lines('if (pool->dma_map)', '\tget_device(pool->p.dev);'))
    expect(f("yield* step('kfree(x)', (w) => { if (w.used) w.report('kind', 'text') })")).toBe(
      'kfree(x);',
    )
  })
  it('with a word about variables that it reads and does not name', () => {
    expect(
      f(
        "const a = yield* step('a = read()', (w) => w.a); return yield* step('read_b()', (w) => w.b - a)",
      ),
    ).toBe(lines('a = read();', 'return read_b(); /* reads a */'))
  })
  it('that is a statement with a condition', () => {
    expect(f("yield* step('if (r->at >= r->size) r->at = 0', (w) => { w.at = 0 })")).toBe(
      lines('if (r->at >= r->size)', '\tr->at = 0;'),
    )
  })
  it('that only says where the function is: as a comment', () => {
    expect(f("yield* step('goto out', (w) => { ends(w) })")).toBe('/* goto out */')
  })
})

describe('other words', () => {
  it('when: a call that waits, or what is waited for', () => {
    expect(f("yield* when('mutex_lock(&lock)', (w) => w.free, (w) => { w.free = false })")).toBe(
      'mutex_lock(&lock); /* waits */',
    )
    expect(f("yield* when('every port is closed', (w) => w.ports === 0)")).toBe(
      'wait until (every port is closed);',
    )
  })
  it('choose: what the environment may pick', () => {
    expect(f("yield* choose('pool->p.nid', ['none', 'local'], (w, nid) => { w.nid = nid })")).toBe(
      'pool->p.nid; /* any of none, local */',
    )
    expect(
      f("const it = yield* choose('alloc_page()', (w) => w.free, (w, one) => one); return it"),
    ).toBe('return alloc_page(); /* the environment picks */')
  })
  it('fails: a call that may fail', () => {
    expect(f("if (yield* fails('kzalloc(x)', (w) => made(w))) return ENOMEM; return 0")).toBe(
      lines('if (kzalloc(x) fails)', '\treturn -ENOMEM;', 'return 0;'),
    )
    expect(f("const failed = yield* fails('insert(x)'); return !failed")).toBe(
      'return insert(x) succeeds;',
    )
  })
  it('detail: there where the scope has it, else what it is without', () => {
    const text =
      "const order = yield* detail('pool->p.order', 0, (w) => w.order); if (order > 0) return 1; yield* detail('stat_inc()', undefined, (w) => { w.n += 1 }); return 2"
    expect(f(text)).toBe('return 2;')
    expect(f(text, { details: true })).toBe(
      lines('if (pool->p.order > 0)', '\treturn 1;', 'stat_inc();', 'return 2;'),
    )
  })
})

describe('words of some scopes only', () => {
  const text =
    "yield* only('nodes', () => this.near(page)); return yield* only('nodes', () => this.far(page))"
  it('only(): there where the scope follows it', () => {
    expect(f(text)).toBe('return NULL;')
    expect(f(text, { details: true })).toBe(lines('near(page);', 'return far(page);'))
  })
  it('a function that is one step: the step, where it is called, with what it is given', () => {
    const inc =
      'const stat_inc = (pool, stat) => detail(`stat_inc(pool, ${stat})`, undefined, (w) => {})'
    const call = "class A { *f(pool) { yield* stat_inc(pool, 'fast'); yield* this.g(pool) } }"
    expect(c(`${inc}; ${call}`)).toBe('g(pool);')
    expect(c(`${inc}; ${call}`, { details: true })).toBe(lines('stat_inc(pool, fast);', 'g(pool);'))
  })
  it('a function that comes to a constant: the constant, and what follows from it', () => {
    const last =
      "*last(page) { const cut = yield* detail('cut', false, (w) => w.cut); if (!cut) return true; return yield* this.count(page) }"
    const put =
      'class A { *f(page) { if (!(yield* this.last(page))) return; yield* this.put(page) }'
    expect(c(`${put} ${last} }`)).toBe('put(page);')
    expect(c(`${put} ${last} }`, { details: true })).toBe(
      lines('if (!last(page))', '\treturn;', 'put(page);'),
    )
  })
  it('a parameter that may be left out is asked for where it is known', () => {
    const unmap =
      "const unmap = (pool, dma) => step(`unmap(pool${dma === undefined ? '' : ', dma'})`, (w) => {})"
    expect(
      c(`${unmap}; class A { *f(pool) { yield* unmap(pool); yield* unmap(pool, pool) } }`),
    ).toBe(lines('unmap(pool);', 'unmap(pool, dma);'))
  })
})
