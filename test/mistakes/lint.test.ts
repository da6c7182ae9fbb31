/** What only a look at the text can see, and most of the rest before anything runs: `npm run lint`. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
  overrides: readonly { files: readonly string[]; rules: Record<string, string> }[]
}
writeFileSync(
  join(folder, '.oxlintrc.json'),
  JSON.stringify({
    categories: { correctness: 'off' },
    jsPlugins: [join(root, 'lint/steps.mjs')],
    rules: config.overrides[0]!.rules,
  }),
)
mkdirSync(join(folder, 'world'))
writeFileSync(join(folder, 'world/lock.ts'), 'export function* spin_lock_bh(lock: string) {}\n')

/** What is said of the body of a function of steps. */
function lint(body: string): string {
  const file = join(folder, 'design.ts')
  writeFileSync(
    file,
    `import { spin_lock_bh } from './world/lock.ts'
class Design extends Base {
  *page_pool_release(pool) {
    ${body}
  }
  *page_pool_scrub(pool) {}
}
`,
  )
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['-f', 'unix', 'design.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout
}

it('the rules are on for the model', () => {
  expect(config.overrides[0]).toEqual({
    files: ['model/**/*.ts'],
    rules: {
      'steps/take-every-step': 'error',
      'steps/nothing-left-behind': 'error',
      'steps/no-clocks': 'error',
      'steps/labels': 'error',
      'steps/rounds-forget': 'error',
    },
  })
})
describe('refused is', () => {
  it.each([
    ['a step that is not taken', "step('a', () => {})", 'step(...) is made and not taken'],
    ['a call in a condition', 'if (call(this.page_pool_scrub, pool)) return', 'call(...) is made'],
    ['a mechanism that is not taken', "spin_lock_bh('x')", 'spin_lock_bh(...) is made and not'],
    ['a method that is not taken', 'this.page_pool_empty_ring(pool)', 'is made and not taken'],
    ['a method whose result is used', 'const n = this.page_pool_scrub(pool)', 'is made and not'],
    ['a method of the class above', 'super.page_pool_release(pool)', 'is made and not taken'],
    ['a step taken with yield', "yield step('a', () => {})", 'write yield*'],
    ['a step within a step', "yield* step('a', () => { step('b', () => {}) })", 'inside a step'],
    [
      'a variable that a step writes',
      "let n = 0; yield* step('a', () => { n = 1 })",
      'leaves something in n',
    ],
    [
      'a list that a step fills',
      "const l = []; yield* step('a', () => l.push(1))",
      'leaves something in l',
    ],
    [
      'a variable that a guard counts',
      "let n = 0; yield* when('a', () => ++n > 3)",
      'leaves something in n',
    ],
    ['what is kept in the design', "yield* step('a', () => { this.n = 1 })", 'kept in the design'],
    ['what is kept between steps', 'this.n = 1', 'kept in the design'],
    ['a random number', "yield* step('a', () => Math.random())", 'Math.random()'],
    ['a clock', "yield* step('a', () => Date.now())", 'Date.now()'],
    ['a date', "yield* step('a', () => +new Date())", 'new Date()'],
    [
      'a variable that a round changes for the next',
      "let n = 0; for (;;) { yield* again('for (;;)'); n += 1; if (yield* step('a', () => true)) return n }",
      'n is changed for the next round',
    ],
    [
      'a counter in the head of a loop that forgets',
      "for (let n = 0; n < 3; n += 1) { yield* again('for (;;)'); yield* step('a', () => {}) }",
      'n is changed for the next round',
    ],
    [
      'two loops under one label',
      "for (;;) { yield* again('do'); break } for (;;) { yield* again('do'); break }",
      'they would be taken for one',
    ],
    ['an empty label', "yield* step('', () => {})", 'A step has a label'],
  ])('%s', (_, body, says) => {
    expect(lint(body)).toContain(says)
  })
})
it('what functions of steps may do is not refused', () => {
  expect(
    lint(`
    const pages = []
    let n = yield* step('a', (w) => { let m = 0; for (const it of w.all) m += it; w.n = m; return m })
    n += 1
    pages.push(n)
    yield* (n > 1 ? call(spin_lock_bh, 'x') : this.page_pool_scrub(pool))
    const { ring } = yield* call(this.page_pool_scrub, pool)
    if (yield* this.page_pool_scrub(pool)) return yield* super.page_pool_release(pool)
    yield* choose('b', [1, 2], (w, m) => { const it = w.pool(pool); it.n = m; it.list.push(m) })
    for (;;) {
      yield* again('while (n)')
      let seen = yield* step('c', () => true)
      seen = !seen
      if (seen) break
    }
    return this.helper(n)
  `),
  ).toBe('')
})
