/** Texts of the fiscal year. */
export const calendar = {
  'calendarSettings.title': 'Fiscal year',
  'calendarSettings.keywords': 'calendar quarter period financial business',
  'calendarSettings.intro': 'How this company divides its year. Filters and views of everybody count by it.',
  'calendarSettings.fiscal': 'Fiscal year',
  'calendarSettings.fiscalHelp': 'Filters such as “this fiscal quarter” begin here. Where it begins in January, fiscal periods are the calendar’s and are not offered.',
  'calendarSettings.start': 'Begins in',
  'calendarSettings.same': 'Same as the calendar year',
  'calendarSettings.quarters': 'Quarters begin in {months}',
  'calendarSettings.saved': 'Fiscal year saved',
};
