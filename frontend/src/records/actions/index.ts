export { ActionDialog, type ActionDialogProps } from './ActionDialog';
export { announceAction } from './announce';
export { offeredActions, type OfferedActions } from './available';
export { useActionRunner, type ActionRunner } from './useActionRunner';
