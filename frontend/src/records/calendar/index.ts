export { CalendarPage } from './CalendarPage';
export { CalendarView, type CalendarViewProps } from './CalendarView';
