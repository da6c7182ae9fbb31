/** Functions of steps as C: what each construct of the language of the model prints. */
import { describe, expect, it } from 'vitest'
import { plainSpelling, type Setting, type Source } from '../../views/c-code/frame.ts'
import { bodyLines } from '../../views/c-code/function.ts'
import { diffLines, unified } from '../../views/c-code/line-diff.ts'
import { sourceOf, sourcesOf } from '../../views/c-code/sources.ts'
import type { Known } from '../../views/c-code/tree.ts'

interface World {
  /** What `this.a.b` is. */
  readonly constants?: Readonly<Record<string, Known>>
  readonly details?: boolean
}
/** Classes of a text know their base by `extends`; functions whose names end in `_part` are printed in place. */
function settingOf(sources: readonly Source[], text: string, world: World): Setting {
  const baseOf = (owner: string | undefined): string | undefined =>
    new RegExp(`class ${owner} extends (\\w+)`).exec(text)?.[1]
  return {
    constant: (path) => world.constants?.[path.join('.')],
    decided: () => {},
    callee: (how, name, from) =>
      sources.find(
        (it) =>
          it.name === name &&
          (how === 'super'
            ? it.owner === baseOf(from.owner)
            : how === 'free'
              ? it.owner === undefined
              : it.owner !== undefined),
      ),
    expands: ({ name }) => name.endsWith('_part'),
    called: () => {},
    origin: ({ owner }) => owner,
    details: () => world.details ?? false,
    spelling: { ...plainSpelling, bounds: { bulk: 'PP_ALLOC_CACHE_REFILL' } },
  }
}
/** The function `f` of a text, in lines without the tab that all of them have. */
function c(text: string, world: World = {}): string {
  const sources = sourcesOf(text)
  const f = sources.find(({ name }) => name === 'f')!
  return bodyLines(f, settingOf(sources, text, world))
    .map((line) => line.replace(/^\t/, ''))
    .join('\n')
}
const f = (body: string, world: World = {}): string =>
  c(`class A { *f(pool, page) { ${body} } }`, world)
const lines = (...of: readonly string[]): string => of.join('\n')

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

describe('style', () => {
  it('NONE is NULL, and is tested without being named', () => {
    expect(f('if (page !== NONE) return NONE; if (pool === NONE) return page; return pool')).toBe(
      lines('if (page)', '\treturn NULL;', 'if (!pool)', '\treturn page;', 'return pool;'),
    )
  })
  it('braces only where they are needed, and on both sides of else', () => {
    expect(
      f('if (page) { yield* this.g(page); yield* this.h(page) } else yield* this.i(page)'),
    ).toBe(lines('if (page) {', '\tg(page);', '\th(page);', '} else {', '\ti(page);', '}'))
    expect(
      f(
        'if (page) yield* this.g(page); else if (pool) yield* this.h(page); else yield* this.i(page)',
      ),
    ).toBe(lines('if (page)', '\tg(page);', 'else if (pool)', '\th(page);', 'else', '\ti(page);'))
  })
  it('comments between steps stay, those inside of steps do not', () => {
    expect(
      f(
        "// Nobody else has it.\nyield* step('a()', (w) => {\n// of the model\nw.a = 1 })\n/* And now? */\nyield* step('b()', (w) => {})",
      ),
    ).toBe(lines('/* Nobody else has it. */', 'a();', '/* And now? */', 'b();'))
  })
  it('lines of more than 80 columns go on below the bracket', () => {
    expect(
      f('yield* this.a_function_with_a_long_name(pool, page, an_argument_that_is_long, another)'),
    ).toBe(
      lines(
        'a_function_with_a_long_name(pool, page, an_argument_that_is_long,',
        '\t\t\t    another);',
      ),
    )
  })
  it('names in camel case are in snake case', () => {
    expect(f('yield* this.g(biasOf(this))')).toBe('g(bias_of());')
  })
  it('brackets where C needs them', () => {
    expect(f('if ((page || pool) && !(page && n)) return (a + b) * c; return a - (b - c)')).toBe(
      lines('if ((page || pool) && (!page || !n))', '\treturn (a + b) * c;', 'return a - (b - c);'),
    )
  })
})

describe('the functions of a text', () => {
  const sources = sourcesOf(`
    /** Of a class. */
    class A {
      /**
       * Of a method: first line
       * and second.
       *
       * @param n how many
       */
      *method(n) {}
      bare() {}
    }
    /** Exported. */
    export function* declared() {}
    export const { listed } = functions({
      /** In a list. */
      *listed(lock) { yield* step('a()', (w) => {}) },
    })
    /** Of something else. */
    const n = 1
    function* undocumented() {}`)
  it('are found wherever they stand, with what is said above them', () => {
    expect(sources.map(({ name, owner, doc }) => ({ name, owner, doc }))).toEqual([
      {
        name: 'method',
        owner: 'A',
        doc: 'Of a method: first line and second.\n\n@param n how many',
      },
      { name: 'bare', owner: 'A', doc: undefined },
      { name: 'declared', owner: undefined, doc: 'Exported.' },
      { name: 'listed', owner: undefined, doc: 'In a list.' },
      { name: 'undocumented', owner: undefined, doc: undefined },
    ])
  })
  it('are those of a value, too, by its text', () => {
    const made = {
      *inner(n: number) {
        yield n
      },
    }
    expect(sourceOf(made.inner)?.name).toBe('inner')
    expect(sourceOf(function* outer() {})?.name).toBe('outer')
    expect(sourceOf(Math.max)).toBeUndefined()
  })
})

describe('a difference', () => {
  it('has what goes before what comes, and the lines around', () => {
    const from = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
    const to = ['a', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'j']
    expect(unified(diffLines(from, to), 1)).toEqual([
      ' a',
      '-b',
      '+B',
      ' c',
      '@@',
      ' h',
      '-i',
      ' j',
    ])
  })
  it('of equal texts is none', () => {
    expect(unified(diffLines(['a', 'b'], ['a', 'b']))).toEqual([])
  })
})
