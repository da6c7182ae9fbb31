import { families } from '../model/families.ts'
import type { Property } from './property.ts'

export const noDeadlock: Property = {
  id: 'no-deadlock',
  says: 'no context waits for ever for a lock, a grace period or another context',
  because:
    'lockdep and the hung-task detector; a softirq that spins on a lock its own CPU holds never ends.',
  families,
  rest: (_, stuck) =>
    stuck.length === 0
      ? undefined
      : `${stuck.join(' and ')} wait${stuck.length === 1 ? 's' : ''} for ever`,
  exercisedBy: { says: 'everything that was begun has ended', when: () => true },
}
