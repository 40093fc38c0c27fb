export * from './components';
export * from './context';
export { addDays, clockOf, instantOf, readDay, readTime } from './dates';
export { factAttributes, type Hit } from './lookupSearch';
export { LookupPicker, type LookupPickerProps } from './LookupPicker';
export { RefLink } from './RefLink';
export { fieldOf } from './registry';
export * from './types';
export * from './values';
