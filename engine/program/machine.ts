/** A System made of contexts: each runs one function at a time, one step at a time. */
import {
  Automaton,
  DONE,
  type Crossing,
  type Instrument,
  type Journal,
  type Node,
} from './automaton.ts'
import { offerAll, type Offer } from './guards.ts'
import {
  indexOf,
  isMember,
  type Fields,
  type Footprint,
  type Layout,
  type Slot,
  type View,
} from '../state/layout.ts'
import { bareCall } from '../authoring/bare-calls.ts'
import { trapClocks } from '../authoring/clocks.ts'
import { forgetMade, notePlaces, untaken } from '../authoring/made.ts'
import { BrokeOff, isMisuse, Misuse, modelCode } from '../authoring/misuse.ts'
import { CHOICES, STARTS } from './move-numbers.ts'
import { Recall } from './transition-cache.ts'
import { GUARDS_ONLY_LOOK, isKeeping, keeps, Watch } from './outside-steps.ts'
import { heart } from '../pulse.ts'
import { placeOf } from '../authoring/source-place.ts'
import type { StepAction, Steps, Value } from '../step.ts'
import type { Symmetry } from '../symmetry/canonical.ts'
import { symmetryOf } from './symmetry-of-machine.ts'
import { BROKE_OFF, type MoveName, type MoveSort, type Report, type System } from '../system.ts'

/** An event by which an idle context begins a function. */
export interface Start<W> {
  readonly context: number
  /** The event's name, as a person would say it. */
  readonly name: string
  readonly sort: Exclude<MoveSort, 'step'>
  readonly args: readonly Value[]
  /** How the arguments read in a counterexample (`account 0`). */
  readonly says?: string
  readonly guard: (world: W) => boolean
  /** Done in the same instant as the start (taking the packet off its queue). */
  readonly effect?: (world: W) => void
  readonly fn: (...args: never[]) => Steps<unknown>
}

export interface MachineSpec<F extends Fields, W> {
  /** What is run here, as its author calls it: named in front of what is said of its functions. */
  readonly name?: string
  readonly layout: Layout<F>
  /** Builds the world the steps see. What is read or written must go through the view. */
  readonly world: (view: View<F>, report: (report: Report) => void) => W
  readonly initial: (world: W) => void
  readonly contexts: readonly string[]
  /** The layout path of each context's control state (0: idle); undefined: its functions return at once. */
  readonly control: (context: number) => string | undefined
  /**
   * Called before anything is asked or done in the name of a context, so that mechanisms know whose
   * step it is; `firing` is false while a guard or a choice is only looked at.
   */
  readonly enter?: (world: W, context: number, firing: boolean) => void
  /**
   * Called after a step, with the words as they were before it and as they are now: to look at what the
   * step changed, and at nothing else.
   */
  readonly after?: (world: W, before: Uint32Array, words: Uint32Array) => void
  /** May this context take a step now (preemption rules)? */
  readonly mayRun: (world: W, context: number) => boolean
  /** May this idle context begin a function now? */
  readonly mayStart: (world: W, context: number) => boolean
  readonly starts: readonly Start<W>[]
  /** `this` of every function: the design under test. */
  readonly self: object
  readonly instrument?: Instrument
  /** Has the scope a detail of this name? Without the question it has all of them. */
  readonly has?: (detail: string) => boolean
  /** Who looks on when a function is entered or left, by its name. */
  readonly observers?: Readonly<Record<string, Observer<W>>>
}
/**
 * Looks on: no step of its own and none of the function's. A function is entered in the instant of the
 * step before, and left in that of its last.
 */
export interface Observer<W> {
  readonly enters?: (world: W, ...args: never[]) => void
  readonly returns?: (world: W, result: never, ...args: never[]) => void
}

/** Control states kept across runs: wide values (a 32-bit counter) make new ones in every run. */
const REMEMBERED = 1 << 18

export class Machine<F extends Fields, W> implements System {
  readonly layout: Layout<Fields>
  readonly words: Uint32Array
  readonly world: W
  readonly reports: Report[] = []
  readonly moves = new Int32Array(1024)
  readonly automaton: Automaton
  readonly activities: readonly string[]
  private readonly control: readonly (Slot | undefined)[]
  /** The same, as numbers: word, shift and mask of each context's control state (mask 0: it has none). */
  private readonly places: Int32Array
  private readonly first: Uint32Array
  private readonly before: Uint32Array
  private readonly startsOf: readonly number[][]
  private readonly activityOfStart: readonly number[]
  /** The control states left by the move being worked out, when they are to be recalled. */
  private taking: Node[] | undefined
  private covered: ReadonlyMap<string, number> = new Map()
  private readonly offers: readonly Offer<W>[]
  private readonly begun: number[]
  /** Starts that call the same function with the same arguments begin in the same place: the first of them. */
  private readonly sameAs: readonly number[]
  private readonly entered: (Node | typeof DONE | undefined)[]
  /** What beginning by each start crosses, where that is anything. */
  private readonly crossedAtEntry: (readonly Crossing[] | undefined)[] = []
  private readonly spec: MachineSpec<F, W>
  readonly symmetry: Symmetry | undefined
  private fusing = false
  /** Recall answers instead of working them out again: for a search, which asks the same again and again. */
  recalls = false
  /** What the last step worked out returned to its function; undefined after a start, and where it was recalled. */
  returned: Value
  /** What the effect of a step touched, while somebody observes. */
  private observed: Footprint | undefined
  /** The same world, seen through views that note what is read and written. */
  private readonly noting: W
  private readonly footprint: Footprint
  private recall: Recall
  /** Control states whose guard or options threw in some state. */
  private readonly broken = new Set<number>()

  constructor(spec: MachineSpec<F, W>) {
    this.spec = spec
    this.layout = spec.layout as unknown as Layout<Fields>
    this.words = new Uint32Array(spec.layout.words)
    this.before = new Uint32Array(spec.layout.words)
    this.footprint = {
      read: new Uint32Array(spec.layout.words),
      written: new Uint32Array(spec.layout.words),
    }
    const worldOver = (view: View<F>): W => spec.world(view, (report) => this.reports.push(report))
    this.world = worldOver(spec.layout.bind(this.words))
    this.noting = worldOver(spec.layout.bind(this.words, this.footprint))
    this.control = spec.contexts.map((_, context) => {
      const path = spec.control(context)
      const slot = spec.layout.slots.find((it) => it.path === path)
      if (path !== undefined && slot === undefined)
        throw new Error(`engine: the layout has no ${path} for the control state of a context.`)
      return slot
    })
    this.places = Int32Array.from(
      this.control.flatMap((slot) =>
        slot === undefined ? [0, 0, 0] : [slot.word, slot.shift, slot.mask],
      ),
    )
    trapClocks()
    const bare = bareCall(spec.self)
    if (bare !== undefined)
      throw new Misuse(
        `${spec.name === undefined ? '' : `${spec.name}: `}${bare.fn}() calls ${bare.callee}(...) and does not take it: nothing is done. Write yield* in front of it, or yield* call(${bare.callee}, ...).`,
      )
    this.automaton = new Automaton(spec.self, {
      instrument: spec.instrument,
      of: spec.name,
      has: spec.has,
      observed: new Set(Object.keys(spec.observers ?? {})),
    })
    this.automaton.watch = new Watch(this.words, this.footprint)
    this.startsOf = spec.contexts.map((_, context) =>
      spec.starts.flatMap((start, index) => (start.context === context ? [index] : [])),
    )
    this.offers = this.startsOf.map((indices) =>
      offerAll(
        indices.map((index) => spec.starts[index]!.guard),
        indices.map((index) => STARTS + index),
      ),
    )
    const names = [...new Set(spec.starts.map((start) => start.name))]
    this.activities = [...spec.contexts, ...names]
    this.activityOfStart = spec.starts.map(
      (start) => spec.contexts.length + names.indexOf(start.name),
    )
    this.sameAs = spec.starts.map(({ fn, args }) =>
      spec.starts.findIndex((other) => other.fn === fn && other.args.join() === args.join()),
    )
    this.entered = spec.starts.map(() => undefined)
    this.begun = spec.starts.map(() => 0)
    refuseTwins(spec)
    spec.initial(this.world)
    this.first = this.words.slice()
    this.recall = this.newRecall()
    this.symmetry = symmetryOf({
      layout: this.layout,
      slots: this.control,
      starts: spec.starts,
      automaton: this.automaton,
      first: (start) => this.entered[start] ?? this.enter(start),
    })
  }

  get fused(): boolean {
    return this.fusing
  }
  set fused(fused: boolean) {
    // A fused step does more than the same step alone.
    if (fused !== this.fusing) this.recall = this.newRecall()
    this.fusing = fused
  }

  /** The control state of a context, read straight from its bits. */
  private at(context: number): number {
    const { places } = this
    const at = context * 3
    return (this.words[places[at]!]! >>> places[at + 1]!) & places[at + 2]!
  }
  private moveTo(context: number, id: number): void {
    const { places, words } = this
    const at = context * 3
    const word = places[at]!
    const shift = places[at + 1]!
    const mask = places[at + 2]!
    if (id > mask) this.refuseControl(context, id)
    this.footprint.written[word]! |= mask << shift
    words[word] = (words[word]! & ~(mask << shift)) | (id << shift)
  }
  private refuseControl(context: number, id: number): never {
    const slot = this.control[context]
    throw new Error(
      slot === undefined
        ? `engine: ${this.spec.contexts[context]} has no control state, and its function has steps.`
        : `engine: ${slot.path} cannot hold control state ${id} (0..${slot.mask}). Widen it in the layout.`,
    )
  }

  reset(): void {
    this.reports.length = 0
    this.words.set(this.first)
  }

  forget(): void {
    if (this.automaton.size < REMEMBERED) return
    this.covered = this.taken()
    this.automaton.forget()
    this.recall = this.newRecall()
    this.entered.fill(undefined)
  }

  private newRecall(): Recall {
    return new Recall({
      words: this.words,
      moves: this.moves,
      reports: this.reports,
      footprint: this.footprint,
      contexts: this.spec.contexts.length,
      at: (context) => this.at(context),
      isPlain: (context) => this.automaton.node(this.at(context)).action.kind !== 'choose',
      movesOf: (context, from, noting) =>
        this.movesOf(context, from, noting ? this.noting : this.world),
      workOut: (move, noting) => this.workOut(move, noting ? this.noting : this.world),
      refuseWrites: (context) => this.refuseWrites(context),
      begun: this.begun,
      taking: (nodes) => {
        this.taking = nodes
      },
    })
  }

  /** From now on this machine numbers its control states as the journal says; before the first step. */
  share(journal: Journal): void {
    this.automaton.journal = journal
  }
  /** Goes where an entry of the journal leads; false when this machine had been there. */
  learn(key: number, result: Value): boolean {
    if (key >= 0) return this.automaton.learn(this.automaton.node(key), result)
    const { fn, args } = this.spec.starts[~key]!
    if (this.entered[~key] !== undefined) return false
    const first = this.automaton.enter(fn, args)
    if (first !== DONE) first.origin = { start: ~key }
    this.entered[~key] = first
    const { crossedAtEntry } = this.automaton
    if (crossedAtEntry.length > 0) this.crossedAtEntry[~key] = crossedAtEntry
    return true
  }
  private enter(start: number): Node | typeof DONE {
    const index = this.sameAs[start]!
    const known = this.entered[index]
    if (known !== undefined) {
      this.crossedAtEntry[start] = this.crossedAtEntry[index]
      return (this.entered[start] = known)
    }
    const { journal } = this.automaton
    if (journal === undefined) this.learn(~index, undefined)
    else journal.record(~index, undefined)
    this.crossedAtEntry[start] = this.crossedAtEntry[index]
    return (this.entered[start] = this.entered[index]!)
  }

  enabled(): number {
    const { contexts } = this.spec
    const { moves } = this
    let count = 0
    for (let context = 0; context < contexts.length; context += 1)
      count = this.recalls
        ? this.recall.moves(context, count)
        : this.movesOf(context, count, this.world)
    if (count > moves.length)
      throw new Error(
        `engine: ${count} moves are enabled in one state, ${moves.length} at most. Make the scope smaller.`,
      )
    return count
  }

  /** Appends the moves of one context. */
  private movesOf(context: number, from: number, world: W): number {
    const { spec, moves } = this
    const id = this.at(context)
    if (id !== 0) return spec.mayRun(world, context) ? this.stepsOf(context, id, from, world) : from
    if (this.startsOf[context]!.length === 0 || !spec.mayStart(world, context)) return from
    spec.enter?.(world, context, false)
    modelCode.runs = true
    try {
      return this.offers[context]!(world, moves, from)
    } catch (error) {
      throw this.misplaced(`the guard of an event of ${spec.contexts[context]}`, error)
    } finally {
      modelCode.runs = false
    }
  }
  private stepsOf(context: number, id: number, from: number, seen: W): number {
    const node = this.automaton.node(id)
    const { action } = node
    const world = seen as never
    let count = from
    if (action.kind === 'step') {
      this.moves[count] = context * CHOICES
      return count + 1
    }
    this.spec.enter?.(seen, context, false)
    modelCode.runs = true
    if (heart.pulse !== undefined) this.beat(node)
    try {
      if (action.kind === 'when') {
        if (action.guard!(world)) this.moves[count++] = context * CHOICES
      } else {
        const options = action.options!(world)
        if (new Set(options).size < options.length)
          throw new Misuse(
            `it offers ${options.map(String).join(', ')}: one of them twice. A trace names what was picked: offer each once.`,
          )
        if (options.length > CHOICES)
          throw new Misuse(`it offers ${options.length} options, ${CHOICES} at most.`)
        for (let i = 0; i < options.length; i += 1) this.moves[count++] = context * CHOICES + i
      }
    } catch (error) {
      if (isMisuse(error)) throw this.misplaced(node, error)
      // Whoever takes it finds out what is wrong with it.
      this.broken.add(id)
      count = from
      this.moves[count++] = context * CHOICES
    }
    modelCode.runs = false
    heart.pulse?.end()
    return count
  }

  fire(move: number): void {
    if (this.reports.length > 0) this.reports.length = 0
    if (this.recalls) this.recall.fire(move)
    else this.workOut(move, this.world)
  }
  /**
   * Fires a move and says which bits its guard and effect read, and which they wrote; what is looked at after
   * every step is left out.
   */
  observe(move: number): Footprint {
    const { read, written } = this.footprint
    read.fill(0)
    written.fill(0)
    this.reports.length = 0
    this.observed = this.footprint
    this.workOut(move, this.noting)
    const seen = this.observed
    this.observed = undefined
    return seen === this.footprint ? { read: read.slice(), written: written.slice() } : seen
  }
  /** The bits that a question to the world reads. */
  looksAt(question: (world: W) => void): Uint32Array {
    this.footprint.read.fill(0)
    question(this.noting)
    return this.footprint.read.slice()
  }
  succeed(index: number, into: Uint32Array, at: number): boolean {
    return this.recalls && this.recall.succeed(index, into, at)
  }

  private workOut(move: number, world: W): void {
    const { spec } = this
    if (spec.after !== undefined) this.before.set(this.words)
    let context: number
    if (move >= STARTS) {
      const index = move - STARTS
      const start = spec.starts[index]!
      context = start.context
      this.begun[index]! += 1
      this.returned = undefined
      spec.enter?.(world, context, true)
      try {
        start.effect?.(world)
      } catch (error) {
        return this.brokenOff(error, `the event "${start.name}"`)
      }
      const node = this.entered[index] ?? this.whereTo(() => this.enter(index))
      if (node === undefined) return
      const crossed = this.crossedAtEntry[index]
      if (crossed !== undefined) this.lookOn(crossed, world)
      this.moveTo(context, node === DONE ? 0 : node.id)
    } else {
      context = (move / CHOICES) | 0
      const node = this.automaton.node(this.at(context))
      node.taken += 1
      this.taking?.push(node)
      let result: Value
      let thrown: { readonly error: unknown } | undefined
      const take = (action: StepAction): Value => {
        try {
          return this.effectOf(node, action, move, world)
        } catch (error) {
          thrown = { error }
          throw error
        }
      }
      try {
        // What is worked out for good is worth a second look.
        result = world === this.noting ? this.automaton.audit(node, take) : take(node.action)
      } catch (error) {
        if (thrown === undefined) throw error
        return this.brokenOff(thrown.error, node)
      }
      this.returned = result
      const next = this.whereTo(() => this.automaton.advance(node, result))
      if (next === undefined) return
      if (node.crossed.size > 0) this.lookOn(node.crossed.get(result), world)
      this.moveTo(context, next === DONE ? 0 : next.id)
    }
    if (this.observed !== undefined) this.observed = copyOf(this.footprint)
    spec.after?.(world, this.before, this.words)
    if (this.fusing) this.fireLocal(context, world)
  }

  private lookOn(crossed: readonly Crossing[] | undefined, world: W): void {
    for (const { fn, args, left } of crossed ?? []) {
      const { enters, returns } = this.spec.observers![fn]!
      if (left === undefined) enters?.(world, ...(args as never[]))
      else returns?.(world, left.result as never, ...(args as never[]))
    }
  }
  /** Takes the step of a control state, as `action` would: what the model does there, and only that. */
  private effectOf(node: Node, action: StepAction, move: number, world: W): Value {
    const context = (move / CHOICES) | 0
    modelCode.runs = true
    if (heart.pulse !== undefined) this.beat(node)
    if (this.broken.has(node.id)) this.askAgain(action, context, world)
    const choice =
      action.kind === 'choose' ? this.optionOf(action, context, move, world) : undefined
    this.spec.enter?.(world, context, true)
    forgetMade()
    const result = action.effect(world as never, choice)
    modelCode.runs = false
    heart.pulse?.end()
    if (untaken() !== undefined) this.refuseNested(action, world, choice)
    return result
  }
  private refuseWrites(context: number): never {
    const id = this.at(context)
    if (id === 0) throw this.misplaced(this.startThatWrites(context), new Error(GUARDS_ONLY_LOOK))
    const node = this.automaton.node(id)
    const what = node.action.kind === 'when' ? 'guard' : 'list of options'
    const place = this.automaton.placeOfNode(node)
    const who = `the ${what} of ${this.automaton.says(node)}${place}`
    throw this.misplaced(who, new Error(GUARDS_ONLY_LOOK))
  }
  private startThatWrites(context: number): string {
    const before = this.words.slice()
    for (const index of this.startsOf[context]!) {
      const { guard, name } = this.spec.starts[index]!
      guard(this.world)
      if (before.some((word, n) => word !== this.words[n])) {
        this.words.set(before)
        return `the guard of the event "${name}"`
      }
    }
    return `a guard of an event of ${this.spec.contexts[context]}`
  }
  /** A step that makes another. Done once more to learn where. */
  private refuseNested(action: StepAction, world: W, choice: Value): never {
    const { says } = untaken()!
    forgetMade()
    notePlaces(true)
    try {
      action.effect(world as never, choice)
    } catch {
      // It is said without the place.
    }
    notePlaces(false)
    throw new Misuse(
      `it makes ${says}, and a step is done at once: it cannot take another. Take that one in the function, with yield* in front of it.`,
      { cause: untaken()?.place },
    )
  }
  private beat(node: Node): void {
    const pulse = heart.pulse!
    if (node.named === 0) {
      const { name } = this.spec
      node.named = pulse.placeOf(
        `${name === undefined ? '' : `${name}: `}${node.frame.name}() in its step "${node.action.label}"`,
      )
    }
    pulse.begin(node.named)
  }
  /** The guard or the options threw in some state; in this one, too? */
  private askAgain(action: StepAction, context: number, world: W): void {
    this.spec.enter?.(world, context, false)
    if (action.kind === 'when') action.guard!(world as never)
    else action.options!(world as never)
  }
  /** Where something went wrong: in a step, or in an event. */
  private who(at: Node | string, error: unknown): string {
    const { name } = this.spec
    const place = placeOf(error) ?? placeOf((error as Error | undefined)?.cause)
    const what =
      typeof at !== 'string'
        ? this.automaton.says(at, place)
        : `${at}${place === undefined ? '' : ` (${place})`}`
    return `${name === undefined ? '' : `${name}: `}${what}`
  }
  private misplaced(at: Node | string, error: unknown): Misuse {
    modelCode.runs = false
    return new Misuse(`${this.who(at, error)}: ${(error as Error).message}`)
  }

  /**
   * A step that cannot be carried out ends the path, with what it threw as a report. Not after a fatal one
   * in the same step: what lies in a full list already does not fit into it once more.
   */
  private brokenOff(error: unknown, where: Node | string): void {
    modelCode.runs = false
    heart.pulse?.end()
    if (isMisuse(error)) throw this.misplaced(where, error)
    if (isKeeping(error)) throw this.misplaced(where, keeps(error))
    if (this.reports.some(({ fatal }) => fatal)) return
    const { message } = (error ?? {}) as { message?: unknown }
    this.breakOff(`${this.who(where, error)} breaks off: ${String(message ?? error)}`)
  }
  /** Where a function goes; undefined when it throws on the way there, which ends the path as well. */
  private whereTo(go: () => Node | typeof DONE): Node | typeof DONE | undefined {
    try {
      return go()
    } catch (error) {
      if (!(error instanceof BrokeOff)) throw error
      this.breakOff(error.message)
      return undefined
    }
  }
  private breakOff(detail: string): void {
    if (this.reports.some(({ fatal }) => fatal)) return
    this.reports.push({ kind: BROKE_OFF, detail, fatal: true })
  }
  /** Goes on with the local steps this context stands before, unless something went wrong. */
  private fireLocal(context: number, world: W): void {
    const { reports } = this
    if (!this.mayTakeLocal(context, world) || reports.some(({ fatal }) => fatal)) return
    this.workOut(context * CHOICES, world)
  }
  localAfter(move: number): number | undefined {
    const context = move >= STARTS ? this.spec.starts[move - STARTS]!.context : (move / CHOICES) | 0
    return this.mayTakeLocal(context, this.world) ? context * CHOICES : undefined
  }
  standsBeforeLocal(): boolean {
    return this.spec.contexts.some((_, context) => this.isBeforeLocal(context))
  }
  private isBeforeLocal(context: number): boolean {
    const id = this.at(context)
    return id !== 0 && this.automaton.node(id).action.local === true
  }
  private mayTakeLocal(context: number, world: W): boolean {
    return this.isBeforeLocal(context) && this.spec.mayRun(world, context)
  }

  name(move: number): MoveName {
    if (move >= STARTS) {
      const start = this.spec.starts[move - STARTS]!
      const context = this.spec.contexts[start.context]!
      const name = { context, fn: start.name, step: 'start' }
      return start.says === undefined ? name : { ...name, choice: start.says }
    }
    const context = (move / CHOICES) | 0
    const node = this.automaton.node(this.at(context))
    const name = {
      context: this.spec.contexts[context]!,
      fn: node.frame.name,
      step: node.action.label,
    }
    if (node.action.kind !== 'choose') return name
    const choice = this.choiceOf(node, context, move)
    return { ...name, choice: isMember(choice) ? indexOf(choice) : choice }
  }
  /** Undefined where the options cannot be asked for: the step that cannot be taken is named all the same. */
  private choiceOf({ id, action }: Node, context: number, move: number): Value {
    try {
      return this.optionOf(action, context, move, this.world)
    } catch (error) {
      if (!this.broken.has(id)) throw error
      return undefined
    }
  }

  private optionOf(action: StepAction, context: number, move: number, world: W): Value {
    this.spec.enter?.(world, context, false)
    return action.options!(world as never)[move % CHOICES]
  }

  /**
   * The functions a context stands in, innermost first, and the results each has had: a function
   * that is called again starts from none. Empty when the context is idle.
   */
  stack(context: number): readonly StackFrame[] {
    const id = this.at(context)
    const frames: StackFrame[] = []
    let at: { frame: Node['frame']; history: Node['history'] } | null =
      id === 0 ? null : this.automaton.node(id)
    for (; at !== null; at = at.frame.caller)
      frames.push({ name: at.frame.name, results: at.history })
    return frames
  }

  find(wanted: MoveName): { move: number } | { blocked: string } {
    const count = this.enabled()
    for (let i = 0; i < count; i += 1) {
      const name = this.name(this.moves[i]!)
      if (
        name.context === wanted.context &&
        name.fn === wanted.fn &&
        name.step === wanted.step &&
        name.choice === wanted.choice
      )
        return { move: this.moves[i]! }
    }
    return { blocked: this.whyNot(wanted) }
  }

  private whyNot(wanted: MoveName): string {
    const context = this.spec.contexts.indexOf(wanted.context)
    if (context === -1) return `there is no context "${wanted.context}" in this scope`
    const id = this.at(context)
    const at = id === 0 ? undefined : this.automaton.node(id)
    if (wanted.step === 'start') {
      if (at !== undefined) return `${wanted.context} is still in ${at.frame.name}`
      const known = this.startsOf[context]!.some((i) => this.spec.starts[i]!.name === wanted.fn)
      if (!known) return `${wanted.context} has no event "${wanted.fn}"`
      return this.spec.mayStart(this.world, context)
        ? `the guard of "${wanted.fn}"`
        : `another context holds the CPU of ${wanted.context}`
    }
    if (at === undefined) return `${wanted.context} is idle, not in ${wanted.fn}`
    if (at.frame.name !== wanted.fn || at.action.label !== wanted.step)
      return `${wanted.context} stands before ${at.frame.name} › ${at.action.label}`
    if (!this.spec.mayRun(this.world, context))
      return `another context holds the CPU of ${wanted.context}`
    if (at.action.kind === 'choose') return `the choice "${String(wanted.choice)}" is not offered`
    return `the guard of ${at.action.label}`
  }

  sort(move: number): MoveSort {
    return move >= STARTS ? this.spec.starts[move - STARTS]!.sort : 'step'
  }
  activity(move: number): number {
    return move >= STARTS ? this.activityOfStart[move - STARTS]! : (move / CHOICES) | 0
  }
  coverage(): ReadonlyMap<string, number> {
    const counts = this.taken()
    for (const [index, { name }] of this.spec.starts.entries())
      counts.set(name, (counts.get(name) ?? 0) + this.begun[index]!)
    return counts
  }
  /** Steps taken, those of forgotten control states included. */
  private taken(): Map<string, number> {
    const counts = new Map(this.covered)
    for (const [step, taken] of this.automaton.taken())
      counts.set(step, (counts.get(step) ?? 0) + taken)
    return counts
  }
  get contexts(): readonly string[] {
    return this.spec.contexts
  }
  controls(vector: Uint32Array): string {
    const { places } = this
    let text = ''
    for (let at = 0; at < places.length; at += 3)
      text += `${(vector[places[at]!]! >>> places[at + 1]!) & places[at + 2]!},`
    return text
  }
  busy(): readonly string[] {
    return this.spec.contexts.filter((_, context) => this.at(context) !== 0)
  }
}

/** A function a context stands in, and what its steps and calls returned so far. */
export interface StackFrame {
  readonly name: string
  readonly results: readonly Value[]
}
const copyOf = ({ read, written }: Footprint): Footprint => ({
  read: read.slice(),
  written: written.slice(),
})

/** A trace names its moves: two events of one name in one context must say how they differ. */
function refuseTwins<F extends Fields, W>({ starts, contexts }: MachineSpec<F, W>): void {
  const names = new Set<string>()
  for (const { context, name, says } of starts) {
    if (contexts[context] === undefined)
      throw new Misuse(
        `the event "${name}" is of context ${String(context)}, and there is none: they are 0 to ${contexts.length - 1}, ${contexts.join(', ')}.`,
      )
    const full = JSON.stringify([context, name, says])
    if (names.has(full))
      throw new Misuse(`${contexts[context]} has two events "${name}"; give them different "says".`)
    names.add(full)
  }
}
