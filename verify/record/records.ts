/** verdicts.json in one run of verify: which verdicts still count, and what the run has to add. */
import type { Design } from '../../model/design.ts'
import { designs as allDesigns } from '../../model/designs.ts'
import { defaults, type VerifyOptions } from '../options.ts'
import type { Verdict } from '../verdict.ts'
import { differences, recordOf } from './differences.ts'
import { digestOf, type Worlds } from './record.ts'
import { dist, isRecorded, manifest, readRecord, writeRecord } from './record-file.ts'
import { restsOn } from './rests-on.ts'

/** A record that says what is not so, though its digest fits. */
export interface WrongRecord {
  readonly design: string
  /** The end of a sentence that begins with the record. */
  readonly wrong: string
}

export class Records {
  /** Verdicts by design, where the digest is that of what they rest on now. */
  readonly fitting: ReadonlyMap<string, Worlds>
  private readonly restsOn: ReadonlyMap<string, string>
  private readonly now: () => Promise<ReadonlyMap<string, string>>

  private constructor(
    fitting: Records['fitting'],
    rests: ReadonlyMap<string, string>,
    now: Records['now'],
  ) {
    this.fitting = fitting
    this.restsOn = rests
    this.now = now
  }

  /**
   * None where other questions are asked than those recorded: another store, other random runs, only some
   * properties. Throws MalformedRecord.
   */
  static async open(
    designs: readonly Design[],
    options: VerifyOptions,
    everyProperty: boolean,
  ): Promise<Records | undefined> {
    const { seed, runs, commands } = defaults
    const isUsual = options.seed === seed && options.runs === runs && options.commands === commands
    if (!everyProperty || !isUsual || !isRecorded(options.store)) return undefined
    const now = (): ReturnType<typeof restsOn> => restsOn(designs, options, dist, manifest)
    const rests = await now()
    const recorded = readRecord().designs
    const fitting = designs.flatMap(({ id }) => {
      const its = Object.hasOwn(recorded, id) ? recorded[id] : undefined
      if (its === undefined || its.digest !== digestOf(rests.get(id)!, its.worlds)) return []
      return [[id, its.worlds] as const]
    })
    return new Records(new Map(fitting), rests, now)
  }

  /** Designs that were searched in full, and of which the record says otherwise. */
  wrong(verdicts: readonly Verdict[]): readonly WrongRecord[] {
    return [...this.fitting].flatMap(([design, worlds]) => {
      const its = verdicts.filter((it) => it.design === design)
      if (its.some((it) => it.from === 'record' || !it.complete)) return []
      return differences(worlds, its).map((wrong) => ({ design, wrong }))
    })
  }

  /**
   * Writes down what was searched in full and is as declared, unless the compiled files changed meanwhile.
   * Returns the designs of which the record is another one now. Throws what the file system says.
   */
  async keep(verdicts: readonly Verdict[]): Promise<readonly string[]> {
    const now = await this.now()
    const { designs: before } = readRecord()
    const after: typeof before = {}
    const wrong = new Set(this.wrong(verdicts).map(({ design }) => design))
    for (const { id } of allDesigns) {
      const worlds = recordOf(verdicts.filter((it) => it.design === id))
      const rests = this.restsOn.get(id)
      const isNew = worlds !== undefined && rests !== undefined && rests === now.get(id)
      if (isNew) after[id] = { digest: digestOf(rests, worlds), worlds }
      else if (before[id] !== undefined && !wrong.has(id)) after[id] = before[id]
    }
    if (!writeRecord({ schema: 1, designs: after })) return []
    return Object.keys({ ...before, ...after }).filter(
      (id) => after[id]?.digest !== before[id]?.digest,
    )
  }
}
