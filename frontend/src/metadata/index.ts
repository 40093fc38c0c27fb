export * from './types';
export * from './hooks';
export * from './entity';
export * from './jobs';
export * from './preferences';
export * from './theme';
export { effectsOn, NO_EFFECTS, ruleMessage, ruleOperators, settled, underRules, type Effects } from './businessRules';
