export { ListPage, type ListPageProps } from './ListPage';
export { useListPreferences, useDensity } from './preferences';
export { ColumnChooser } from './ColumnChooser';
export { SortMenu } from './SortMenu';
export { columnsOf } from './columns';
export { useRelatedEntities } from './entities';
