/** verdicts.json: read when verify begins, written when it ends and has something to add. */
import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readText, UnreadableFile } from '../../files/read.ts'
import { writeWhole } from '../../files/write.ts'
import { formatRecord, MalformedRecord, parseRecord, SCHEMA, type Record } from './record.ts'

/** The folder of the compiled files, of which this is one, and what lies beside that folder. */
export const dist = fileURLToPath(new URL('../..', import.meta.url))
const beside = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url))
export const manifest = beside('package.json')
const FILE = beside('verdicts.json')
const COUNTEREXAMPLES = beside('counterexamples')

/** As it is named in what is printed. */
export const RECORD = 'verdicts.json'
/** Bytes that are read: ten times what a hundred designs need. */
const LARGEST = 32 * 2 ** 20

/** Is this the folder of the counterexamples that the record is about? */
export const isRecorded = (store: string): boolean =>
  existsSync(store) && existsSync(COUNTEREXAMPLES) && same(store, COUNTEREXAMPLES)
const same = (one: string, other: string): boolean => realpathSync(one) === realpathSync(other)

/** Empty where there is no file. Throws MalformedRecord. */
export function readRecord(): Record {
  if (!existsSync(FILE)) return { schema: SCHEMA, designs: {} }
  try {
    return parseRecord(readText(FILE, LARGEST), RECORD)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    throw new MalformedRecord(`${RECORD} ${error.message}. Make it readable, or move it away.`)
  }
}
/** Returns whether anything has changed. Throws what the file system says. */
export function writeRecord(record: Record): boolean {
  const text = formatRecord(record)
  if (existsSync(FILE) && readText(FILE, LARGEST) === text) return false
  writeWhole(FILE, text)
  return true
}
