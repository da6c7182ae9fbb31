/** For how long pages have been held, as text and as SVG. */
import type { AgeBucket } from '../logs/report.ts'

const BAR = 40

export function ageText(ages: readonly AgeBucket[]): string[] {
  const most = Math.max(...ages.map(({ pages }) => pages))
  return ages.map(({ from, to, pages }) => {
    const bar = '#'.repeat(pages === 0 ? 0 : Math.max(1, Math.round((pages / most) * BAR)))
    return `${range(from, to).padStart(20)}  ${String(pages).padStart(7)}  ${bar}`.trimEnd()
  })
}
const range = (from: number, to: number): string =>
  to === Infinity
    ? `${duration(from)} or more`
    : from === 0
      ? `under ${duration(to)}`
      : `${duration(from)} to ${duration(to)}`

/** 0.01 is 10 ms, 90 is 90 s, 3600 is 60 min. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 120) return `${Number(seconds.toFixed(seconds < 10 ? 1 : 0))} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

const ROW = 22
const LEFT = 170
const WIDE = 360
const TOP = 46

/** One panel for each pool, under each other. */
export function ageSvg(
  pools: readonly { readonly title: string; readonly ages: readonly AgeBucket[] }[],
): string {
  let y = 0
  const panels = pools.map(({ title, ages }) => {
    const at = y
    y += TOP + ages.length * ROW + 24
    return panel(title, ages, at)
  })
  const height = Math.max(y, TOP)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 ${height}" width="640" height="${height}" style="max-width:100%;height:auto" font-family="sans-serif" font-size="13">`,
    `<rect width="640" height="${height}" fill="#fff"/>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n')
}
function panel(title: string, ages: readonly AgeBucket[], y: number): string {
  const most = Math.max(1, ...ages.map(({ pages }) => pages))
  const rows = ages.map(({ from, to, pages }, i) => {
    const top = y + TOP + i * ROW
    const width = (pages / most) * WIDE
    return [
      `<text x="${LEFT - 10}" y="${top + 14}" text-anchor="end" fill="#222">${escaped(range(from, to))}</text>`,
      `<rect x="${LEFT}" y="${top + 2}" width="${width.toFixed(1)}" height="${ROW - 6}" fill="#3567a8"/>`,
      `<text x="${(LEFT + width + 6).toFixed(1)}" y="${top + 14}" fill="#222">${pages}</text>`,
    ].join('\n')
  })
  return [
    `<text x="16" y="${y + 20}" font-weight="bold" fill="#000">${escaped(title)}</text>`,
    `<text x="16" y="${y + 38}" fill="#555">pages still out, by the time since the pool took them</text>`,
    ...rows,
  ].join('\n')
}
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
