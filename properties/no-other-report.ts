import { families } from '../model/families.ts'
import type { Property } from './property.ts'

export const noOtherReport: Property = {
  id: 'no-other-report',
  says: 'nothing that ends a path is reported that no other property is about',
  because:
    'After such a report memory is corrupt and the path is not followed: without an owner it would cut short what is searched, without a word.',
  families,
  never: 'the others',
  exercisedBy: { says: 'anything happened', when: () => true },
}
