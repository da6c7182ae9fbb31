/**
 * How much is compared with how much: by default one design of each family where two ways of exploring are
 * held against each other, all of them with `CI=true` (as .ci/run has it) and in `npm run test:all`.
 */
export const everyDesign = process.env['CI'] === 'true'
