export { ListPage, type ListPageProps } from './ListPage';
export { useListPreferences, useDensity } from './preferences';
