export { UndoDialog } from './UndoDialog';
