/** Where in the TypeScript something stands: stack traces name the compiled files. */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Deep enough to reach from where a mechanism throws to the step that used it. */
Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 40)

const engine = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const FRAME = /(?:\(|at )(?:file:\/\/)?(\/[^()]*?):(\d+):(\d+)\)?$/

interface Frame {
  readonly file: string
  readonly line: number
  readonly column: number
}
const isEngine = ({ file }: Frame): boolean => file.startsWith(`${engine}/`)

/**
 * Where an error came from, outside the engine: in the step or function that was run, and behind a comma
 * where it got from there. Undefined when only the engine had a part in it.
 */
export function placeOf(error: unknown): string | undefined {
  const stack = (error as { stack?: unknown } | null | undefined)?.stack
  if (typeof stack !== 'string') return undefined
  const known = told.get(stack)
  if (known !== undefined) return known
  const frames = stack.split('\n').flatMap(frameOf)
  const first = frames.findIndex((frame) => !isEngine(frame))
  if (first === -1) return undefined
  const end = frames.findIndex((frame, i) => i > first && isEngine(frame))
  // Who called the engine is not what the engine ran.
  if (end === -1) return undefined
  const mine = frames.slice(first, end)
  const places = [mine.at(-1)!, mine[0]!].map(inSource)
  const text = [...new Set(places)].join(', in ')
  if (told.size > 1000) told.clear()
  told.set(stack, text)
  return text
}
const told = new Map<string, string>()

function frameOf(text: string): Frame[] {
  const parts = FRAME.exec(text.trim())
  if (parts === null) return []
  const [, file, line, column] = parts
  if (file!.includes('/node_modules/')) return []
  return [{ file: decodeURI(file!), line: Number(line), column: Number(column) }]
}

function inSource({ file, line, column }: Frame): string {
  const map = mapOf(file)
  const entry = map?.findEntry(line - 1, column - 1)
  if (entry === undefined || !('originalSource' in entry)) return `${shown(file)}:${line}`
  return `${shown(resolve(dirname(file), entry.originalSource))}:${entry.originalLine + 1}`
}
/** From where the command was given, when it is below that. */
function shown(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('../..') ? file : path
}

const maps = new Map<string, SourceMap | undefined>()
function mapOf(file: string): SourceMap | undefined {
  if (maps.has(file)) return maps.get(file)
  const path = `${file}.map`
  const map =
    file.endsWith('.js') && existsSync(path)
      ? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload)
      : undefined
  maps.set(file, map)
  return map
}
