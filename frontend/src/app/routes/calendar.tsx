import { IconCalendarOff } from '@tabler/icons-react';
import { Navigate } from '@tanstack/react-router';

import { useT } from '@/i18n';
import { useObjects } from '@/metadata';
import { EmptyState } from '@/ui/states';

/** Objects with a calendar, the one people plan with first. */
const PREFERRED = ['appointment', 'service_activity', 'task', 'phone_call'];

/** `/calendar`: the calendar layout of the appointments. */
export default function CalendarRoute() {
  const t = useT();
  const objects = useObjects();
  const object = PREFERRED.map((name) => objects.find((entry) => entry.name === name)).find(Boolean) ?? objects.find((entry) => entry.features.includes('calendar'));
  if (!object) return <EmptyState icon={<IconCalendarOff size={20} stroke={1.75} />} title={t('calendar.none')} />;
  return <Navigate to={`/${object.plural}`} search={{ layout: 'calendar' }} replace />;
}
