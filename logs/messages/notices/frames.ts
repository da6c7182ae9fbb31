/** Functions in a report of the kernel: where it happened, and who called. Every architecture prints them its own way. */

export interface Frame {
  readonly fn: string
  /** `? `: found on the stack, perhaps of an earlier call. */
  readonly isGuess: boolean
}

const NAME = String.raw`[A-Za-z_][\w.$]*`
/** `fn+0x10/0x20`, with or without `[<address>]`; ARM says "fn from caller+0x..", "(fn) from [<...>] (caller+0x..)". */
const OFFSET = new RegExp(String.raw`(\? )?\(?(${NAME})\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?`)
const ARM = new RegExp(String.raw`^(?:\[<[0-9a-f]+>\] )?\(?(${NAME})(?:\+0x[0-9a-f/x]+)?\)? from `)
/** decode_stacktrace.sh: `fn (file.c:12) module`; syzbot: `fn file.c:12 [inline]`. */
const DECODED = new RegExp(String.raw`^\s*(\? )?(${NAME})\s+\(?[\w./+-]+\.[chS]:\d+`)
const BARE = new RegExp(String.raw`^\s*(\? )?(${NAME})\s+\((?:inlined|discriminator)`)
/** RIP: 0010:fn+0x1/0x2; pc : fn+0x; PC is at fn+0x; epc : fn+0x; NIP [c000...] fn+0x; Krnl PSW : ... (fn+0x). */
const WHERE = new RegExp(
  String.raw`(?:^|\s)(?:RIP: \w+:|pc : |PC is at |epc : |NIP \[[0-9a-f]+\] |EIP: |era: \w+ |Krnl PSW : .*\()(?:\[<[0-9a-f]+>\] *)*(${NAME})(?:\+0x| \()`,
)
const LINK = /(?:^|\s)(?:lr : |LR is at |ra : |LR \[|lr:)/

/** The function the report is about, if the line names it. */
export const whereIn = (text: string): string | undefined => WHERE.exec(text)?.[1]

export function frameIn(text: string): Frame | undefined {
  if (LINK.test(text) || WHERE.test(text)) return undefined
  const arm = ARM.exec(text)
  if (arm !== null) return { fn: base(arm[1]!), isGuess: false }
  const m = OFFSET.exec(text) ?? DECODED.exec(text) ?? BARE.exec(text)
  return m === null ? undefined : { fn: base(m[2]!), isGuess: m[1] !== undefined }
}
/** Compilers name what they split off: fn.part.0, fn.isra.0, fn.constprop.0, fn.cold. */
const base = (fn: string): string =>
  fn.replace(/\.(?:part|isra|constprop|cold|llvm|lto_priv)\b.*$/, '')

/** dma-debug: who made the mapping. */
export const isMappedAt = (text: string): boolean => /^(?:DMA-API: )?Mapped at:/.test(text.trim())

/** Stacks of a KASAN report that are not of the access. */
export const isOtherStack = (text: string): boolean =>
  /^(?:Allocated by|Freed by|Last potentially related|Second to last|page last (?:allocated|free)|page_owner)/.test(
    text.trim(),
  )
