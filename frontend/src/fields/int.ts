import { numericField } from './numeric';

/** Whole numbers. */
export const int = numericField({ kind: 'number', precision: () => 0, width: 100 });
