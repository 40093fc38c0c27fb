export { ActionDialog, type ActionDialogProps } from './ActionDialog';
export { useAnnounceAction } from './announce';
export { offeredActions, type OfferedActions } from './available';
export { useActionRunner, type ActionRunner } from './useActionRunner';
