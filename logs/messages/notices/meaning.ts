/** Which property a report of the kernel shows broken. */

export interface Meaning {
  /** '' if none can be named. */
  readonly property: string
  readonly says: string
}
