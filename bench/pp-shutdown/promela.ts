/**
 * The calibration model as Promela, one guarded command a line of its description, all in one
 * process: the form SPIN is fastest on.
 */
import type { Size } from './model.ts'

const CACHE = 2
/** own: 0 free, 1 cache, 2 ring, 3 driver, 4 skb, 5.. in the hand of returner own - 5. */
export function promela({ pages: N, returners: C, ring: R, bits: W, variant }: Size): string {
  const M = 1 << W
  const xarray = variant === 'xarray'
  const options: string[] = []
  const option = (guard: string, effect: string): number =>
    options.push(`:: d_step { err == 0 && ${guard} -> ${effect} }`)
  const unmap = (p: number): string =>
    xarray
      ? `if :: map[${p}] && !bound -> err = 1 :: map[${p}] && bound -> map[${p}] = 0 :: !map[${p}] -> skip fi`
      : `if :: !map[${p}] -> err = 2 :: map[${p}] && !bound -> err = 1 :: map[${p}] && bound -> map[${p}] = 0 fi`
  for (let p = 0; p < N; p += 1) {
    option(`dpc == 0 && own[${p}] == 1`, `own[${p}] = 3; nc--`)
    option(`dpc == 0 && nc == 0 && own[${p}] == 2`, `own[${p}] = 1; nc++; nr--`)
    option(
      `dpc == 0 && nc == 0 && nr == 0 && own[${p}] == 0`,
      `own[${p}] = 3; map[${p}] = 1; hold = (hold + 1) % ${M}`,
    )
    option(`dpc == 0 && own[${p}] == 3`, `own[${p}] = 4`)
    option(`dpc == 0 && own[${p}] == 3 && nc < ${CACHE}`, `own[${p}] = 1; nc++`)
    option(`dpc == 2 && own[${p}] == 1`, `${unmap(p)}; rel = (rel + 1) % ${M}; own[${p}] = 0; nc--`)
    option(`dpc == 4 && own[${p}] == 2`, `${unmap(p)}; rel = (rel + 1) % ${M}; own[${p}] = 0; nr--`)
    if (xarray)
      option(`dpc == 3 && map[${p}]`, `if :: !bound -> err = 1 :: else -> map[${p}] = 0 fi`)
    for (let c = 0; c < C; c += 1) {
      const hand = `own[${p}] == ${5 + c}`
      const dead = 'if :: dpc == 7 -> err = 3 :: else fi'
      option(
        `pc[${c}] == 0 && (own[${p}] == 4 || (own[${p}] == 3 && dpc >= 1))`,
        `own[${p}] = ${5 + c}; pc[${c}] = 1`,
      )
      option(`pc[${c}] == 2 && ${hand} && nr < ${R}`, `own[${p}] = 2; nr++; pc[${c}] = 0; ${dead}`)
      option(`pc[${c}] == 3 && ${hand}`, `${unmap(p)}; pc[${c}] = 4; ${dead}`)
      option(`pc[${c}] == 5 && ${hand}`, `own[${p}] = 0; pc[${c}] = 0`)
    }
  }
  const negative = `((hold - rel + ${M}) % ${M}) >= ${M / 2}`
  for (let c = 0; c < C; c += 1) {
    option(
      `pc[${c}] == 1`,
      `if :: dpc == 7 -> err = 3 :: else fi; if :: dpc >= 2 -> pc[${c}] = 3 :: else -> pc[${c}] = 2 fi`,
    )
    option(`pc[${c}] == 2 && nr >= ${R}`, `pc[${c}] = 3; if :: dpc == 7 -> err = 3 :: else fi`)
    option(
      `pc[${c}] == 4`,
      `rel = (rel + 1) % ${M}; pc[${c}] = 5; if :: dpc == 7 -> err = 3 :: else fi; if :: ${negative} -> err = 4 :: else fi`,
    )
  }
  option('dpc == 0', 'dpc = 1')
  option('dpc == 1', 'dpc = 2')
  option('dpc == 2 && nc == 0', `dpc = ${xarray ? 3 : 4}`)
  if (xarray)
    option(
      Array.from({ length: N }, (_, p) => `!map[${p}]`)
        .concat('dpc == 3')
        .join(' && '),
      'dpc = 4',
    )
  option('dpc == 4 && nr == 0', 'dpc = 5')
  option(
    'dpc == 5',
    `ret = 1; if :: ${negative} -> err = 4 :: else fi; if :: hold == rel -> dpc = 7 :: else -> dpc = 6 fi`,
  )
  option('dpc == 6', 'dpc = 4')
  option('ret && bound', 'bound = 0')
  return `byte own[${N}]; bool map[${N}]; byte pc[${C}]; byte hold, rel, dpc, err, nc, nr;
bool ret; bool bound = 1;
active proctype model() {
end:
  do
  ${options.join('\n  ')}
  od
}
`
}
