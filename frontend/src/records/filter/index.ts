export { FilterBar, hasOwner, type FilterBarProps } from './FilterBar';
export { FilterBuilder, type FilterBuilderProps } from './FilterBuilder';
export { describe, describeGroup } from './describe';
export { both, filterOf, joined, partsOf, treeOf } from './tree';
