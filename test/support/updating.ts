/** `npm run pin`: what is measured is written down instead of compared. */
import { readFileSync, writeFileSync } from 'node:fs'

export const updating = process.env['POOLPROOF_UPDATE'] === '1'

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url)
export const readText = (path: string): string => readFileSync(at(path), 'utf8')
export const writeText = (path: string, text: string): void => writeFileSync(at(path), text)
export const writeJson = (path: string, data: object): void =>
  writeText(path, `${JSON.stringify(data, null, 2)}\n`)
