/** Work that keeps the thread to itself stops for breath, so that Ctrl-C and the status line are heard. */
import { setImmediate } from 'node:timers/promises'

export const breath = (): Promise<void> => setImmediate()
