import { describe, expect, it } from 'vitest';

import type { FullRecord } from '@/api';
import type { Attribute } from '@/metadata';
import { defaultSide, mergedValues } from './MergeDialog';

const attribute = (name: string, type = 'text') => ({ name, type }) as Attribute;
const records = {
  left: { id: '1', phone: null, name: 'Nord', tags: [1, 2] } as unknown as FullRecord,
  right: { id: '2', phone: '+49 431 1', name: 'North', tags: [2, 3] } as unknown as FullRecord,
};

describe('merging', () => {
  it('keeps the value of the record that stays, and fills what it lacks', () => {
    expect(defaultSide(attribute('name'), records, 'left')).toBe('left');
    expect(defaultSide(attribute('phone'), records, 'left')).toBe('right');
  });
  it('sends only what differs from the record that stays', () => {
    const fields = [attribute('name'), attribute('phone')];
    expect(mergedValues(fields, records, 'left', (each) => defaultSide(each, records, 'left'))).toEqual({ phone: '+49 431 1' });
    expect(mergedValues(fields, records, 'right', () => 'left')).toEqual({ name: 'Nord', phone: null });
  });
  it('unites lists of choices', () => {
    expect(mergedValues([attribute('tags', 'multi')], records, 'left', () => 'both')).toEqual({ tags: [1, 2, 3] });
  });
});
