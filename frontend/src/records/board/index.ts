export { BoardPane } from './BoardPane';
