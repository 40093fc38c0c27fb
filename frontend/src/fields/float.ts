import { numericField } from './numeric';

/** Measured values: any number of decimals. */
export const float = numericField({ kind: 'number', precision: () => null });
