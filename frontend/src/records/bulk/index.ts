export { BulkBar, type BulkBarProps } from './BulkBar';
export { useBulk } from './useBulk';
export { bulkRequest } from './request';
