/** A design in a world of a given scope, as a System every explorer can drive. */
import type { Instrument } from '../engine/program/automaton.ts'
import { indexOf, layout, type Fields, type Slot } from '../engine/state/layout.ts'
import { Machine } from '../engine/program/machine.ts'
import { freezeDeeply, generatorsOf, watchFunctions } from '../engine/authoring/made.ts'
import { Misuse } from '../engine/authoring/misuse.ts'
import { callFunctions } from '../engine/step.ts'
import { distance } from '../engine/authoring/near.ts'
import type { Design } from './design.ts'
import { follows } from './details.ts'
import type { Kernel } from './kernel.ts'
import type { Scope } from './scope/bounds.ts'
import { contextIn, contexts, mayRun, mayStart } from './world/sync/context.ts'
import { scalarsets, ways } from './world/scalarsets.ts'
import { auditPageWrites } from './world/memory/page.ts'
import { endReadSection } from './world/sync/rcu.ts'
import { World } from './world/world.ts'

export type ModelMachine = Machine<Fields, World>

/** A function has returned: whatever it was reading is left, and it may hold nothing. */
function leaveContext(w: World): void {
  const task = w.task(w.current)
  if (task.pc !== 0) return
  endReadSection(w)
  if (task.preempt_count + task.bh_disabled + task.rcu_nesting > 0 || task.irqs_disabled)
    w.report(
      'lock-imbalance',
      `${contextIn(w.scope, w.current).name} returns with a lock or read section held, or interrupts disabled`,
    )
}

/**
 * The functions of a design, with those its family gives every design and those of the driver of the scope.
 * What the class of the design has itself goes before those, and what the design brings goes before all.
 */
export function kernelOf(design: Design, scope: Scope): Kernel {
  const self = design.functions(scope) as Record<string, unknown>
  const its = design.family.driver?.(scope).functions ?? {}
  const both = Object.keys(design.brings?.functions ?? {}).filter((name) => name in its)
  if (both.length > 0)
    throw new Error(
      `model: ${design.id} brings ${both.join(', ')}(), and so does the driver ${scope.driver} of scope ${scope.name}: one of them would not be run. Leave that world out, or write a driver that does both.`,
    )
  const common = { ...design.family.base(), ...its }
  refuseMisspelt(design, [...Object.keys(common), ...generatorsOf(self).map(({ name }) => name)])
  for (const [name, fn] of Object.entries(common)) if (!(name in self)) self[name] = fn
  Object.assign(self, design.brings?.functions)
  watchFunctions(self)
  callFunctions(self)
  return self as unknown as Kernel
}

/** A function that a design brings under a name nobody calls is never run: most likely a slip of the pen. */
function refuseMisspelt(design: Design, known: readonly string[]): void {
  for (const name of Object.keys(design.brings?.functions ?? {})) {
    const meant = known.includes(name) ? undefined : known.find((it) => distance(it, name) <= 2)
    if (meant !== undefined)
      throw new Misuse(
        `${design.id}: "brings" has a function ${name}(), and nobody calls it: ${meant}() is what there is. Mend the name; a helper of the design's own is better called something else.`,
      )
  }
}
/** A field that is there twice would be one field, of the type declared last. */
function refuseTaken({ id, family }: Design, scope: Scope, own: Fields): void {
  const part = family.fields(scope, {})['pool']
  const there = part?.kind === 'array' ? part.of.fields : {}
  const taken = Object.keys(own).filter((name) => name in there)
  if (taken.length > 0)
    throw new Misuse(
      `${id}: "fields" declares ${taken.join(', ')}, which struct page_pool has already (model/pool/fields.ts). Use that one, or take another name.`,
    )
}
/** The state of a world of this design: the parts its family names, and the fields of its own. */
export function fieldsOf(design: Design, scope: Scope): Fields {
  const own = design.fields(scope)
  refuseTaken(design, scope, own)
  return design.family.fields(scope, own)
}

/** Something is asked, or done, in the name of a context. */
function enterContext(w: World, context: number, firing: boolean): void {
  w.current = context
  w.firing = firing
  w.touched = 0
  w.looked = 0
  w.stopped = false
}

export function machineOf(design: Design, scope: Scope, instrument?: Instrument): ModelMachine {
  const { family } = design
  const fields = fieldsOf(design, scope)
  const declared = layout(fields, scalarsets, ways)
  const pageBits = 'page' in fields ? bitsOfPages(declared.slots, scope.pages) : []
  const self = kernelOf(design, scope)
  freezeDeeply(self)
  return new Machine<Fields, World>({
    name: design.id,
    layout: declared as never,
    world: (view, report) => new World(scope, view, report, fields),
    initial: family.initial.bind(family),
    contexts: contexts.map((_, context) => contextIn(scope, context).name),
    control: (context) => `.task[${context}].pc`,
    enter: enterContext,
    after: (w, before, words) => {
      leaveContext(w)
      if (pageBits.length > 0)
        auditPageWrites(w, (page) => {
          const { word, mask } = pageBits[indexOf(page)]!
          return ((before[word]! ^ words[word]!) & mask) !== 0
        })
      w.firing = false
    },
    mayRun,
    mayStart,
    starts: [
      ...family.events(scope, self),
      ...(family.driver?.(scope).events(scope, self) ?? []),
      ...(design.brings?.events?.(scope, self) ?? []),
    ],
    self,
    has: follows(scope),
    observers: family.observers?.(scope) ?? {},
    ...(instrument === undefined ? {} : { instrument }),
  })
}

/** The bits that hold struct page n (its fields fit in one word). */
function bitsOfPages(
  slots: readonly Slot[],
  pages: number,
): readonly { word: number; mask: number }[] {
  return Array.from({ length: pages }, (_, page) => {
    const mine = slots.filter(({ path }) => path.startsWith(`.page[${page}].`))
    const { word } = mine[0]!
    if (mine.some((slot) => slot.word !== word))
      throw new Error('model: struct page must fit in one word of the layout')
    return { word, mask: mine.reduce((mask, slot) => mask | (slot.mask << slot.shift), 0) }
  })
}
