import type { calendar as en } from '../../../en/features/settings/calendar';

export const calendar: Record<keyof typeof en, string> = {
  'calendarSettings.title': 'Geschäftsjahr',
  'calendarSettings.keywords': 'kalender quartal zeitraum finanzjahr wirtschaftsjahr',
  'calendarSettings.intro': 'Wie diese Firma ihr Jahr einteilt. Filter und Ansichten aller zählen danach.',
  'calendarSettings.fiscal': 'Geschäftsjahr',
  'calendarSettings.fiscalHelp': 'Filter wie „dieses Geschäftsquartal“ beginnen hier. Beginnt es im Januar, sind es die Zeiträume des Kalenders; dann werden sie nicht eigens angeboten.',
  'calendarSettings.start': 'Beginnt im',
  'calendarSettings.same': 'Wie das Kalenderjahr',
  'calendarSettings.quarters': 'Quartale beginnen im {months}',
  'calendarSettings.saved': 'Geschäftsjahr gespeichert',
};
