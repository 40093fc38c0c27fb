import { NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { updateGeneralSettings } from '@/api/generalSettings';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { formatMonthName } from '@/ui/formatting';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';

const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** When fiscal years begin, for filters such as "this fiscal quarter" (PLT-45.2). Saved at once. */
export default function CalendarSection() {
  const t = useT();
  const client = useQueryClient();
  const { workspace } = useSession();
  const save = useMutation({
    mutationFn: (month: number) => updateGeneralSettings({ fiscal_start: month }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.session });
      toast({ message: t('calendarSettings.saved'), kind: 'success', id: 'calendar-settings' });
    },
  });
  const start = save.isPending ? save.variables : (workspace.fiscal_start ?? 1);
  return (
    <SectionFrame title={t('calendarSettings.title')} documentTitle={t('calendarSettings.title')} intro={t('calendarSettings.intro')}>
      <Group title={t('calendarSettings.fiscal')} help={t('calendarSettings.fiscalHelp')} id="fiscal-year">
        <div className={classes.grid}>
          <NativeSelect
            label={t('calendarSettings.start')}
            description={start === 1 ? t('calendarSettings.same') : t('calendarSettings.quarters', { months: [0, 3, 6, 9].map((step) => formatMonthName(((start - 1 + step) % 12) + 1)).join(', ') })}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            error={save.error?.message}
            value={String(start)}
            onChange={(event) => save.mutate(Number(event.currentTarget.value))}
            data={MONTHS.map((month) => ({ value: String(month), label: formatMonthName(month) }))}
          />
        </div>
      </Group>
    </SectionFrame>
  );
}
