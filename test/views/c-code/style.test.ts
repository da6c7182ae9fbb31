/** C in the style of the kernel; where functions are found; differences of texts. */
import { describe, expect, it } from 'vitest'
import { f, lines } from '../../support/c-code.ts'
import { diffLines, unified } from '../../../views/c-code/line-diff.ts'
import { sourceOf, sourcesOf } from '../../../views/c-code/sources.ts'

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
