export { rememberList, type RememberedList } from './neighbours';
export { RecordPage, type RecordPageProps } from './RecordPage';
export { RecordPanel, type RecordPanelProps } from './RecordPanel';
export { recordQuery } from './useRecord';
