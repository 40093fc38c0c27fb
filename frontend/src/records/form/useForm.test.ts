import { describe, expect, it } from 'vitest';

import { NO_EFFECTS, type Entity } from '@/metadata';
import { invalidFields } from './useForm';

const entity = { attributes: [{ name: 'email', label: 'E-mail', type: 'text', format: 'email' }, { name: 'name', label: 'Name', type: 'text', required: true }] } as unknown as Entity;

describe('what a form refuses before it asks the server', () => {
  const names = ['email', 'name'];

  it('values that are entered, and what is needed and missing', () => {
    const refused = invalidFields(entity, names, { email: 'nobody', name: '' }, NO_EFFECTS, new Set());
    expect(Object.keys(refused)).toEqual(names);
  });

  it('not what stands there untouched: other fields of an old record can always be edited', () => {
    const refused = invalidFields(entity, names, { email: 'nobody', name: '' }, NO_EFFECTS, new Set(names));
    expect(Object.keys(refused)).toEqual(['name']);
  });
});
