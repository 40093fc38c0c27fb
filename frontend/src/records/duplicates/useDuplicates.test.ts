import { describe, expect, it } from 'vitest';

import type { Entity } from '@/metadata';
import { comparedValues } from './useDuplicates';

const entity = { duplicates: [['email'], ['last_name', 'phone']] } as unknown as Entity;

describe('comparedValues', () => {
  it('waits until a rule has everything it compares', () => {
    expect(comparedValues(entity, { email: 'an' })).toEqual({});
    expect(comparedValues(entity, { last_name: 'Berg' })).toEqual({});
    expect(comparedValues(entity, { last_name: 'Berg', phone: '040 123' })).toEqual({ last_name: 'Berg', phone: '040 123' });
  });
  it('leaves out what no rule looks at', () => {
    expect(comparedValues(entity, { email: 'ana@nord.example', first_name: 'Ana', last_name: 'Berg' })).toEqual({ email: 'ana@nord.example' });
  });
});
