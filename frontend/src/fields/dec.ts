import { numericField } from './numeric';

/** Fixed decimals, exact: kept as strings from the server to the screen and back. */
export const dec = numericField({ kind: 'string', precision: (attribute) => attribute.precision ?? 2 });
