/**
 * What the author of a function wrote against the rules it is run by: a step made and never taken, a
 * field that is not there. No verdict can be had until the text is mended, so it ends what is going on,
 * with one paragraph that says where and what to write instead.
 */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}
/** Told by its name: errors from another thread lose their class. */
export const isMisuse = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'Misuse'

/** What is thrown between two steps of a function, with its place. It ends the path. */
export class BrokeOff extends Error {
  override readonly name = 'BrokeOff'
}

/**
 * Is model code running? A clock or a random number asked for then is a misuse: the same step would not
 * do the same again. Set around every call into it; the traps ask (engine/authoring/clocks.ts).
 */
export const modelCode = { runs: false }
