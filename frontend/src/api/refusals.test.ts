import { afterEach, describe, expect, it } from 'vitest';

import { refusalText, setLanguage } from '@/i18n';
import { ApiError, errorMessage } from './errors';

afterEach(() => setLanguage('en'));

describe('refusals of the server', () => {
  it('speak German by their code, with the figures of the message', async () => {
    await setLanguage('de');
    expect(refusalText('file.too_many_columns', 'The sheet has more than 500 columns.')).toBe('Das Blatt hat mehr als 500 Spalten.');
    expect(refusalText('metadata.label_taken', 'There is already an attribute “Berth”.')).toBe('Ein Feld „Berth“ gibt es schon.');
    expect(refusalText('formula.unknown_field', 'There is no field “heads”.')).toBe('Ein Feld „heads“ gibt es nicht.');
    const error = new ApiError(422, { code: 'validation.failed', message: 'x', details: { errors: [{ code: 'value.required', message: 'A value is required.', field: 'name' }] } });
    expect(errorMessage(error)).toBe('Hier wird ein Wert gebraucht.');
  });

  it('fall back to the text of the server', async () => {
    await setLanguage('de');
    expect(refusalText('rule.of_tomorrow', 'Not today.')).toBe('Not today.');
    expect(refusalText('file.too_large', 'Too large.')).toBe('Too large.');
    await setLanguage('sv');
    expect(refusalText('record.busy', 'Try again.')).toBe('Try again.');
  });
});
