/** The seed of everything random in these tests; `npm test -- --seed N` sets it. */
export const seed = Number(process.env['POOLPROOF_SEED'] || 1)
if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31)
  throw new Error(
    `POOLPROOF_SEED is "${process.env['POOLPROOF_SEED']}", it takes a whole number below 2^31.`,
  )
