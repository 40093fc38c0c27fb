export * from './types';
export * from './hooks';
export * from './entity';
export * from './jobs';
export * from './preferences';
export * from './theme';
