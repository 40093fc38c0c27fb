import { formatMoney } from '@/ui/formatting';
import { currencyOf } from './currency';
import { numericField } from './numeric';
import { asText } from './values';

/** Amounts of money, exact, in the record's currency. */
export const money = numericField({
  kind: 'string',
  precision: (attribute) => attribute.precision ?? 2,
  format: (value, attribute, context) => formatMoney(asText(value) || null, currencyOf(attribute, context), attribute.precision ?? 2),
  width: 130,
});
