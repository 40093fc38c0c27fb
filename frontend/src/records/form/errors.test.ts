import { describe, expect, it } from 'vitest';

import { ApiError } from '@/api';
import { attributeOfPath, formErrors } from './errors';

describe('formErrors', () => {
  const names = ['email', 'topic'];

  it('puts each error at its field and the rest above the form', () => {
    const error = new ApiError(422, {
      code: 'validation.failed',
      message: 'Two problems',
      details: {
        errors: [
          { code: 'email.invalid', message: 'Not an address', field: 'values.email' },
          { code: 'lead.name_required', message: 'Last name or company', field: 'last_name' },
        ],
      },
      request_id: 'r-1',
    });
    expect(formErrors(error, names)).toEqual({ fields: { email: 'Not an address' }, general: ['Last name or company'], requestId: 'r-1' });
  });

  it('takes the field of a single error', () => {
    expect(formErrors(new ApiError(422, { code: 'x', message: 'Too long', field: 'topic' }), names).fields).toEqual({ topic: 'Too long' });
  });

  it('says what became of a record that is gone while somebody edits it', () => {
    const [said] = formErrors(new ApiError(404, { code: 'record.not_found', message: 'There is no such record.' }), names).general;
    expect(said).toContain('recycle bin');
  });

  it('shows what has no field', () => {
    expect(formErrors(new ApiError(409, { code: 'record.read_only', message: 'Closed' }), names).general).toEqual(['Closed']);
    expect(formErrors(new Error('boom'), names).general).toEqual(['boom']);
  });

  it('finds an attribute inside a path and nothing where there is none', () => {
    const known = new Set(names);
    expect(attributeOfPath('operations.0.topic', known)).toBe('topic');
    expect(attributeOfPath('city', known)).toBeNull();
    expect(attributeOfPath(null, known)).toBeNull();
  });
});
