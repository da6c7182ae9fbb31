/** The compiled modules that a module loads, itself included, directly or through others. */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { tokenizer } from 'acorn'

export interface Loaded {
  /** Paths below the folder of the compiled files. */
  readonly modules: ReadonlySet<string>
  /** Names of packages. */
  readonly packages: ReadonlySet<string>
}

/** All that `import` and `export ... from` name; also in comments, which does no harm. */
const IMPORTS = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g

export class Modules {
  private readonly dist: string
  private readonly texts = new Map<string, string>()
  private readonly imports = new Map<string, readonly string[]>()

  /** @param dist the folder of the compiled files */
  constructor(dist: string) {
    this.dist = dist
  }

  /** @param without modules that are left out, with what only they load */
  loadedBy(entry: string, without: ReadonlySet<string> = new Set()): Loaded {
    const modules = new Set<string>()
    const packages = new Set<string>()
    const waiting = [entry]
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (modules.has(path) || without.has(path)) continue
      modules.add(path)
      for (const target of this.importsOf(path))
        if (!target.startsWith('./')) packages.add(target)
        else waiting.push(posix.normalize(target))
    }
    return { modules, packages }
  }

  /** Packages by their names, and modules that are there by `./` and their paths. */
  private importsOf(path: string): readonly string[] {
    const known = this.imports.get(path)
    if (known !== undefined) return known
    const imports = [...this.source(path).matchAll(IMPORTS)].flatMap(([, , target]) => {
      if (!target!.startsWith('.')) return [target!]
      const named = posix.join(posix.dirname(path), target!)
      return existsSync(this.file(named)) ? [`./${named}`] : []
    })
    this.imports.set(path, imports)
    return imports
  }
  /** Without comments and layout: the same on every machine that compiles the same source. */
  text(path: string): string {
    const known = this.texts.get(path)
    if (known !== undefined) return known
    const source = this.source(path)
    const tokens = [...tokenizer(source, { ecmaVersion: 'latest', sourceType: 'module' })]
    const text = tokens.map(({ start, end }) => source.slice(start, end)).join(' ')
    this.texts.set(path, text)
    return text
  }
  private source(path: string): string {
    return readFileSync(this.file(path), 'utf8')
  }
  file(path: string): string {
    return join(this.dist, path)
  }
}
