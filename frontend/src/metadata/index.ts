export * from './types';
export * from './hooks';
export * from './entity';
