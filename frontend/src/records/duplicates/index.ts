export { DuplicateList } from './DuplicateList';
export { MergeDialog, type MergeDialogProps } from './MergeDialog';
export { useDuplicates, type Duplicates } from './useDuplicates';
