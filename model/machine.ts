/** A design in a world of a given scope, as a System every explorer can drive. */
import type { Instrument } from '../engine/program/automaton.ts'
import { indexOf, layout, type Fields, type Slot } from '../engine/state/layout.ts'
import { Machine } from '../engine/program/machine.ts'
import { freezeDeeply, generatorsOf, watchFunctions } from '../engine/authoring/made.ts'
import { Misuse } from '../engine/authoring/misuse.ts'
import { callFunctions } from '../engine/step.ts'
import { distance } from '../engine/authoring/near.ts'
import type { Design } from './design.ts'
import { poolEvents } from './shutdown/events.ts'
import { drivers } from './drivers/drivers.ts'
import { nic } from './drivers/nic.ts'
import { follows } from './details.ts'
import type { Kernel } from './kernel.ts'
import { numaObservers } from './numa/observers.ts'
import { stack } from './skb/stack.ts'
import { driverCore } from './world/io/device.ts'
import type { Scope } from './scope.ts'
import { contextIn, contexts, mayRun, mayStart } from './world/sync/context.ts'
import { poolFields, scalarsets, ways, worldFields } from './world/layout.ts'
import { auditPageWrites } from './world/memory/page.ts'
import { endReadSection } from './world/sync/rcu.ts'
import { World } from './world/world.ts'
import { registrationEvents } from './mem-id/events.ts'
import type { XdpRegistration } from './mem-id/registration.ts'

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
 * The functions of a design, with the stack, the driver core and the driver of the scope. What the class of
 * the design has itself goes before those, and what the design brings goes before all.
 */
export function kernelOf(design: Design, scope: Scope): Kernel {
  const self = design.functions(scope) as Record<string, unknown>
  const its = drivers[scope.driver].functions
  const both = Object.keys(design.brings?.functions ?? {}).filter((name) => name in its)
  if (both.length > 0)
    throw new Error(
      `model: ${design.id} brings ${both.join(', ')}(), and so does the driver ${scope.driver} of scope ${scope.name}: one of them would not be run. Leave that world out, or write a driver that does both.`,
    )
  const common = { ...driverCore, ...stack, ...nic, ...its }
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
function refuseTaken(design: Design, scope: Scope, own: Fields): void {
  const taken = Object.keys(own).filter((name) => name in poolFields(scope))
  if (taken.length > 0)
    throw new Misuse(
      `${design.id}: "fields" declares ${taken.join(', ')}, which struct page_pool has already (model/world/layout.ts). Use that one, or take another name.`,
    )
}

export function machineOf(design: Design, scope: Scope, instrument?: Instrument): ModelMachine {
  const own = design.fields(scope)
  refuseTaken(design, scope, own)
  const declared = layout(worldFields(scope, own), scalarsets, ways)
  const pageBits = bitsOfPages(declared.slots, scope.pages)
  const self = kernelOf(design, scope)
  freezeDeeply(self)
  return new Machine<Fields, World>({
    name: design.id,
    layout: declared as never,
    world: (view, report) => new World(scope, view, report, own),
    initial: (w) => {
      w.dev.refcount = 1
      w.dev.iommu_group = true
      w.driver.pool = 0
      w.faults_left = scope.faults
      w.mem.mem_id_next = 1
    },
    contexts: contexts.map((_, context) => contextIn(scope, context).name),
    control: (context) => `.task[${context}].pc`,
    enter: (w, context, firing) => {
      w.current = context
      w.firing = firing
      w.touched = 0
      w.looked = 0
      w.stopped = false
    },
    after: (w, before, words) => {
      leaveContext(w)
      auditPageWrites(w, (page) => {
        const { word, mask } = pageBits[indexOf(page)]!
        return ((before[word]! ^ words[word]!) & mask) !== 0
      })
      w.firing = false
    },
    mayRun,
    mayStart,
    starts:
      design.family === 'registration'
        ? registrationEvents(scope, self as unknown as XdpRegistration)
        : [
            ...poolEvents(scope, self),
            ...drivers[scope.driver].events(scope, self),
            ...(design.brings?.events?.(scope, self) ?? []),
          ],
    self,
    has: follows(scope),
    observers: scope.nodes > 1 ? numaObservers : {},
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
