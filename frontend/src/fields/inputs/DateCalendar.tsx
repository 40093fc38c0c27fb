import '@mantine/dates/styles.layer.css';
import { DatePicker } from '@mantine/dates';
import 'dayjs/locale/bg';
import 'dayjs/locale/de';
import 'dayjs/locale/ru';
import 'dayjs/locale/sv';

import { currentLanguage } from '@/i18n';

/** The month sheet of a date input; loaded when first opened. */
export default function DateCalendar({ value, onPick, firstDay }: { value: string | null; onPick: (iso: string | null) => void; firstDay: 0 | 1 | 2 | 3 | 4 | 5 | 6 }) {
  return (
    <DatePicker
      size="sm"
      locale={currentLanguage()}
      firstDayOfWeek={firstDay}
      value={value}
      defaultDate={value ?? undefined}
      onChange={onPick}
      allowDeselect={false}
    />
  );
}
