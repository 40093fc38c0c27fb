/** Texts of the calendar. */
import type { calendar as en } from '../../en/features/calendar';

const calendar: Record<keyof typeof en, string> = {
  'calendar.title': 'Kalender',
  'calendar.today': 'Heute',
  'calendar.keyToday': 'Zu heute springen',
  'calendar.previous': 'Früher',
  'calendar.next': 'Später',
  'calendar.mode': 'Zeitraum',
  'calendar.month': 'Monat',
  'calendar.week': 'Woche',
  'calendar.day': 'Tag',
  'calendar.agenda': 'Agenda',
  'calendar.allDay': 'Ganztägig',
  'calendar.kinds': 'Arten',
  'calendar.who': 'Wessen',
  'calendar.who.me': 'Meine',
  'calendar.who.team': 'Team',
  'calendar.who.all': 'Alle',
  'calendar.create': 'Anlegen',
  'calendar.openDay': '{day} zeigen',
  'calendar.more': '+{count} weitere',
  'calendar.nothing': 'Nichts geplant',
  'calendar.nothingBody': 'Vom {from} bis {to} steht nichts im Kalender.',
  'calendar.showNext': 'Danach zeigen',
  'calendar.tooMany': 'In diesen Tagen liegen mehr als 1.000 Datensätze einer Art; die ersten 1.000 sind zu sehen. Wählen Sie einen kürzeren Zeitraum oder filtern Sie.',
  'calendar.notMoved': '{name} wurde nicht verschoben: {reason}',
};
export default calendar;
