/** Lines of a file or of standard input, in chunks, in bounded memory. */
import { createReadStream, type Stats } from 'node:fs'
import { open as openFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** What cannot be read as text, with the way out. */
export class UnreadableLog extends Error {
  override readonly name = 'UnreadableLog'
}
/** Of a longer line only this much is read; it is one line all the same. */
const LONGEST_LINE = 2 ** 20
const CHUNK = 2 ** 18

export interface BytesRead {
  readonly bytes: number
  /** The size of the file, if it is one. */
  readonly of: number | undefined
}
/** Called with a line, if it had an end, and if it was longer than what is read of one. */
type Take = (text: string, ended: boolean, isCut?: boolean) => void

/**
 * Calls `line` for each line, without its line feed; the last may have had none (`ended`), and of one that is too long only
 * the beginning is given (`isCut`). A signal ends it early. */
export async function readLines(
  file: string,
  line: Take,
  progress: (now: BytesRead) => void,
  signal?: AbortSignal,
): Promise<BytesRead> {
  const { stream, size } = await open(file)
  const stop = (): void => void stream.destroy()
  signal?.addEventListener('abort', stop)
  const chunks = new Chunks(file, line)
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      chunks.feed(chunk)
      progress({ bytes, of: size })
    }
  } catch (error) {
    if (signal?.aborted === true) return { bytes, of: size }
    if (error instanceof UnreadableLog) throw error
    throw new UnreadableLog(`${file} cannot be read: ${(error as Error).message}.`)
  }
  if (signal?.aborted !== true) chunks.end()
  return { bytes, of: size }
}

/** Chunks of a file to lines. */
class Chunks {
  private readonly file: string
  private readonly line: Take
  /** Of the last line, what has come. */
  private rest = ''
  /** The rest of a line that was too long is passed over, up to its end. */
  private isPast = false
  private isFirst = true
  private isWide = false

  constructor(file: string, line: Take) {
    this.file = file
    this.line = line
  }
  feed(chunk: Buffer): void {
    if (this.isFirst) {
      refuseBinary(this.file, chunk)
      this.isWide = chunk[0] === 0xff && chunk[1] === 0xfe
      this.isFirst = false
    }
    const text = this.isWide ? latin1OfUtf16(chunk) : chunk.toString('latin1')
    const from = this.isPast ? text.indexOf('\n') + 1 : 0
    if (this.isPast && from === 0) return
    this.rest = split(this.rest, from === 0 ? text : text.slice(from), this.line)
    this.isPast = this.rest.length > LONGEST_LINE
    if (!this.isPast) return
    this.line(this.rest.slice(0, LONGEST_LINE), true, true)
    this.rest = ''
  }
  end(): void {
    if (this.rest !== '') this.line(this.rest, false)
  }
}

/** Calls `line` with what has an end, and returns the rest. */
function split(rest: string, text: string, line: Take): string {
  let from = 0
  let end = text.indexOf('\n')
  if (end >= 0 && rest !== '') {
    line(rest + text.slice(0, end), true)
    from = end + 1
    end = text.indexOf('\n', from)
    rest = ''
  }
  for (; end >= 0; end = text.indexOf('\n', from)) {
    line(text.slice(from, end), true)
    from = end + 1
  }
  return rest + text.slice(from)
}
/** Windows tools write UTF-16. What is not Latin-1 is of no interest here. */
const latin1OfUtf16 = (chunk: Buffer): string => chunk.toString('utf16le').replace(/^\ufeff/, '')

async function statOf(file: string): Promise<Stats> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new UnreadableLog(
      error.code === 'ENOENT'
        ? `There is no file ${file}.`
        : `${file} cannot be read: ${error.message}.`,
    )
  })
  if (found.isDirectory())
    throw new UnreadableLog(
      `${file} is a directory; give the files in it, such as "${file}/*.txt".`,
    )
  return found
}
/** Throws UnreadableLog where there is no such file, or it is no text. What is no plain file is not looked into. */
export async function refuseUnreadable(file: string): Promise<void> {
  if (file === '-') return
  const found = await statOf(file)
  if (!found.isFile() || file.endsWith('.gz')) return
  try {
    const handle = await openFile(file)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, 0)
      refuseBinary(file, buffer.subarray(0, bytesRead))
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof UnreadableLog) throw error
    throw new UnreadableLog(`${file} cannot be read: ${(error as Error).message}.`)
  }
}
async function open(file: string): Promise<{ stream: Readable; size: number | undefined }> {
  if (file === '-') return { stream: process.stdin, size: undefined }
  const found = await statOf(file)
  const stream = createReadStream(file, { highWaterMark: CHUNK })
  const size = found.isFile() ? found.size : undefined
  if (!file.endsWith('.gz')) return { stream, size }
  const plain = createGunzip({ chunkSize: CHUNK })
  stream.on('error', (error) => plain.destroy(error))
  return { stream: stream.pipe(plain), size: undefined }
}

const MAGIC: readonly (readonly [string, string])[] = [
  [
    '\u0017\u0008Dtracing',
    'is the binary file of trace-cmd; give what "trace-cmd report" prints of it',
  ],
  ['PERFILE2', 'is the binary file of perf; give what "perf script" prints of it'],
  [
    '\u001f\u008b',
    'is compressed; give it the ending .gz, or pipe "zcat FILE" into "poolproof log -"',
  ],
  ['\u0028\u00b5\u002f\u00fd', 'is compressed; pipe "zstdcat FILE" into "poolproof log -"'],
  ['\u00fd7zXZ', 'is compressed; pipe "xzcat FILE" into "poolproof log -"'],
  ['BZh', 'is compressed; pipe "bzcat FILE" into "poolproof log -"'],
  ['\u007fELF', 'is a program'],
]
// eslint-disable-next-line no-control-regex
const ZEROS = /\u0000{64,}/g
function refuseBinary(file: string, chunk: Buffer): void {
  // A crash leaves blocks of zeros in a file that was being written.
  const head = chunk.toString('latin1').replaceAll(ZEROS, '').slice(0, 4096)
  for (const [magic, says] of MAGIC)
    if (head.startsWith(magic)) throw new UnreadableLog(`${file} ${says}.`)
  if (head.startsWith('\u00ff\u00fe')) return
  // eslint-disable-next-line no-control-regex
  const odd = head.replace(/[\t\n\r\u001b\u0020-\u007e]/g, '')
  // eslint-disable-next-line no-control-regex
  const controls = odd.replace(/[^\u0000-\u001f\u007f]/g, '')
  if (controls.length > head.length / 10)
    throw new UnreadableLog(
      `${file} is no text: log reads what ftrace, trace-cmd report, perf script, bpftrace and dmesg print. For tracefs, options/bin has to be off.`,
    )
}
