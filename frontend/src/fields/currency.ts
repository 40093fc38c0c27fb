import { formatting } from '@/ui/formatting';
import type { FieldAttribute, FormatContext } from './types';
import { asRef } from './values';

const ISO_CODE = /^[A-Z]{3}$/;

/** The currency of an amount: the record's own, for the `_base` twin and without one the workspace's. */
export function currencyOf(attribute: FieldAttribute, context?: FormatContext): string {
  if (attribute.name.endsWith('_base') || attribute.format === 'base') return formatting().currency;
  const currency = context?.record?.currency ?? context?.record?.currency_code;
  const code = typeof currency === 'string' ? currency : asRef(currency)?.name;
  return code && ISO_CODE.test(code) ? code : formatting().currency;
}
