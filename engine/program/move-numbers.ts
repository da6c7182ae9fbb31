/** How a machine numbers its moves: a step by its context and choice, a start by its index. */

/** Choices a step may offer; step number = context * CHOICES + choice. */
export const CHOICES = 256
/** Start number = STARTS + index. */
export const STARTS = 1 << 20
