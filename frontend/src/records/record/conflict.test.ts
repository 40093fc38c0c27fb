import { describe, expect, it } from 'vitest';

import type { FullRecord } from '@/api';
import type { Entity } from '@/metadata';
import { chosenValues, conflictFields } from './conflict';

const entity = { attributes: [{ name: 'city', type: 'text' }, { name: 'phone', type: 'text' }, { name: 'revenue', type: 'money' }] } as unknown as Entity;
const theirs = { id: '1', version: 5, city: 'Bonn', phone: '1', revenue: '10.00' } as FullRecord;

describe('conflictFields', () => {
  it('contests only what both changed differently', () => {
    const fields = conflictFields(entity, { city: 'Kiel', phone: '1', revenue: '8.00' }, { city: 'Köln', phone: '2', revenue: '10' }, theirs);
    expect(fields.map((field) => [field.attribute.name, field.contested])).toEqual([
      ['city', true],
      ['phone', false],
    ]);
  });

  it('sends the fields where yours was kept', () => {
    const fields = conflictFields(entity, { city: 'Kiel', phone: '1' }, { city: 'Köln', phone: '2' }, theirs);
    expect(chosenValues(fields, { city: 'theirs' })).toEqual({ phone: '2' });
    expect(chosenValues(fields, {})).toEqual({ city: 'Köln', phone: '2' });
  });
});
