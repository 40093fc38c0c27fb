export * from './client';
export * from './errors';
export * from './keys';
export * from './records';
export * from './workspace';
export * from './types';
