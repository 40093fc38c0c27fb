import { expect, it } from 'vitest';

import { tsv, tsvCell } from './tsv';

it('quotes what would break a cell apart', () => {
  expect(tsv([['Name', 'Note'], ['Acme "GmbH"', 'two\nlines'], ['a\tb', '']])).toBe('Name\tNote\n"Acme ""GmbH"""\t"two\nlines"\n"a\tb"\t');
});

it('defuses formulas but leaves negative numbers', () => {
  expect(tsvCell('=1+1')).toBe("'=1+1");
  expect(tsvCell('@cmd')).toBe("'@cmd");
  expect(tsvCell('-1.234,50')).toBe('-1.234,50');
  expect(tsvCell('+49 30 123')).toBe('+49 30 123');
});
