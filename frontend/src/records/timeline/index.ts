export type { ComposerTab } from './Composer';
export { filterOf, kindIcon } from './kinds';
export { Timeline, type TimelineProps } from './Timeline';
