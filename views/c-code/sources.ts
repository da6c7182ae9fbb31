/** Functions of steps as their authors wrote them, read from the files they were compiled to. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, type Comment as Found, type Options } from 'acorn'
import type { Comment, Source } from './frame.ts'
import { childrenOf, type AnyNode, type FunctionNode } from './syntax.ts'

const OPTIONS: Options = { ecmaVersion: 2023, sourceType: 'module' }

interface Parsed {
  readonly program: AnyNode
  readonly comments: readonly Comment[]
}
function parsed(text: string): Parsed {
  const found: Found[] = []
  const program = parse(text, { ...OPTIONS, onComment: found })
  return {
    program,
    comments: found.map(({ value, start, end, type }) => ({
      text: value,
      start,
      end,
      block: type === 'Block',
    })),
  }
}

/** All named functions of a text, methods of classes and of objects included. */
export function sourcesOf(text: string, file = ''): readonly Source[] {
  const { program, comments } = parsed(text)
  const out: Source[] = []
  const add = (name: string, node: FunctionNode, whole: AnyNode, owner?: string): void => {
    const doc = docAbove(text, comments, whole.start)
    out.push({
      name,
      node,
      text,
      comments: comments.filter(({ start, end }) => start > node.start && end < node.end),
      file,
      ...(owner === undefined ? {} : { owner }),
      ...(doc === undefined ? {} : { doc }),
    })
  }
  const visit = (node: AnyNode, owner?: string): void => {
    for (const { name, fn } of namedBy(node))
      add(name, fn, node, node.type === 'MethodDefinition' ? owner : undefined)
    const isClass = node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
    const inside = isClass ? (node.id?.name ?? owner) : owner
    for (const child of childrenOf(node)) visit(child, inside)
  }
  visit(program)
  return out
}
interface Named {
  readonly name: string
  readonly fn: FunctionNode
}
/** Functions to which a node itself gives a name. */
function namedBy(node: AnyNode): readonly Named[] {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return node.id == null ? [] : [{ name: node.id.name, fn: node }]
    case 'MethodDefinition':
      return node.key.type === 'Identifier' ? [{ name: node.key.name, fn: node.value }] : []
    case 'Property':
      return node.key.type === 'Identifier' && node.value.type === 'FunctionExpression'
        ? [{ name: node.key.name, fn: node.value }]
        : []
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id, init }) =>
        id.type === 'Identifier' && init?.type === 'ArrowFunctionExpression'
          ? [{ name: id.name, fn: init }]
          : [],
      )
    default:
      return []
  }
}
/** The function of a value: what toString() gives, be it a declaration or a method. */
export function sourceOf(fn: { readonly name: string; toString(): string }): Source | undefined {
  const text = fn.toString()
  for (const whole of [`({${text}})`, `(${text})`])
    try {
      const found = sourcesOf(whole).find(({ name }) => name === fn.name)
      if (found !== undefined) return found
    } catch {
      // It is of the other form.
    }
  return undefined
}
/** The text of a function without what stands around it, to tell it from others of its name. */
export const ownText = ({ text, node }: Source): string => text.slice(node.start, node.end)

/** What stands directly above. */
function docAbove(text: string, comments: readonly Comment[], start: number): string | undefined {
  const above = comments.findLast(
    ({ block, end }) =>
      block && end <= start && /^\s*(export\s+)?(default\s+)?$/.test(text.slice(end, start)),
  )
  return above === undefined ? undefined : prose(above.text)
}
/** Without the stars: paragraphs, list items and `@param` begin lines. */
function prose(comment: string): string {
  const rows = comment.split('\n').map((row) => row.replace(/^\s*\*+ ?/, '').trim())
  const out: string[] = []
  for (const row of rows) {
    const starts = row === '' || /^(- |@)/.test(row) || out.length === 0 || out.at(-1) === ''
    if (starts) out.push(row)
    else out[out.length - 1] += ` ${row}`
  }
  return out.join('\n').trim()
}

/** What a file takes from others: the local name, the path as it is written, and the name there. */
export interface Import {
  readonly local: string
  readonly from: string
  readonly name: string
}
export interface SourceFile {
  /** From the folder that was read on, with slashes. */
  readonly path: string
  readonly sources: readonly Source[]
  readonly imports: readonly Import[]
  readonly text: string
}
/** Every compiled file below a folder; @param prefix stands in front of its path. */
export function filesBelow(folder: string, prefix: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => {
      const path = prefix + name.replaceAll('\\', '/')
      const text = readFileSync(join(folder, name), 'utf8')
      return {
        path,
        sources: sourcesOf(text, path.replace(/\.js$/, '.ts')),
        imports: importsOf(text),
        text,
      }
    })
}
function importsOf(text: string): readonly Import[] {
  const { program } = parsed(text)
  return childrenOf(program).flatMap((node) =>
    node.type !== 'ImportDeclaration'
      ? []
      : node.specifiers.flatMap((it): Import[] =>
          it.type === 'ImportSpecifier' && it.imported.type === 'Identifier'
            ? [
                {
                  local: it.local.name,
                  from: String(node.source.value),
                  name: it.imported.name,
                },
              ]
            : [],
        ),
  )
}
