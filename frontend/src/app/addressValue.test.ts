import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router';
import { expect, it } from 'vitest';

import { addressValue } from './addressValue';

it('keeps texts that resemble numbers', () => {
  const read = parseSearchWith(addressValue);
  const write = stringifySearchWith(JSON.stringify, addressValue);
  for (const q of ['30e218', '1.50', '00491234', '12345678901234567890', '42', 'true', 'Hafen']) expect(read(write({ q }))).toEqual({ q });
  expect(read('?q=30e218&page=2')).toEqual({ q: '30e218', page: 2 });
});
