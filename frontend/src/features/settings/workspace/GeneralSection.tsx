import { Button, NativeSelect, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { errorMessage } from '@/api/errors';
import { readGeneralSettings, updateGeneralSettings, type GeneralSettings } from '@/api/generalSettings';
import { keys } from '@/api/keys';
import { LANGUAGES, useT } from '@/i18n';
import { currencyName, regionNames } from '@/ui/names';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';

/** Name, language, country and time zone of the workspace as a whole (PLT-97). */
export default function GeneralSection() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.generalSettings, queryFn: ({ signal }) => readGeneralSettings(signal) });
  return (
    <SectionFrame title={t('settings.general')} documentTitle={t('settings.general')} intro={t('general.intro')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={4} height={48} />}
      {data && <GeneralForm key={JSON.stringify(data)} kept={data} />}
    </SectionFrame>
  );
}

function GeneralForm({ kept }: { kept: GeneralSettings }) {
  const t = useT();
  const client = useQueryClient();
  const [values, setValues] = useState(kept);
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const countries = useMemo(() => regionNames(), []);
  const put = (change: Partial<GeneralSettings>) => setValues({ ...values, ...change });
  const changed = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== kept[name as keyof GeneralSettings]));
  const save = useMutation({
    mutationFn: () => updateGeneralSettings(changed),
    onSuccess: async (saved) => {
      toast({ kind: 'success', message: t('general.saved') });
      client.setQueryData(keys.generalSettings, saved);
      await client.invalidateQueries({ queryKey: keys.session });
    },
  });
  const dirty = Object.keys(changed).length > 0;
  return (
    <form
      className={classes.group}
      onSubmit={(event) => {
        event.preventDefault();
        if (dirty && values.name.trim()) save.mutate();
      }}
    >
      <div className={classes.grid}>
        <TextInput label={t('general.name')} value={values.name} maxLength={160} onChange={(event) => put({ name: event.currentTarget.value })} error={values.name.trim() ? undefined : t('general.nameNeeded')} />
        <NativeSelect label={t('general.language')} description={t('general.languageHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} value={values.language} data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))} onChange={(event) => put({ language: event.currentTarget.value })} />
        <Select label={t('general.country')} description={t('general.countryHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} searchable allowDeselect={false} limit={60} data={countries} value={values.country} onChange={(country) => country && put({ country })} />
        <Select label={t('general.timeZone')} description={t('general.timeZoneHelp')} inputWrapperOrder={['label', 'input', 'description', 'error']} searchable allowDeselect={false} limit={60} data={zones} value={values.time_zone} onChange={(zone) => zone && put({ time_zone: zone })} />
        <TextInput label={t('general.currency')} readOnly value={`${kept.currency} · ${currencyName(kept.currency)}`} description={<a className="k-link" href="/settings/currencies">{t('general.currencyHelp')}</a>} inputWrapperOrder={['label', 'input', 'description', 'error']} />
      </div>
      {save.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(save.error)}</p>}
      <Button type="submit" mt="md" loading={save.isPending} disabled={!dirty || !values.name.trim()}>
        {t('ui.save')}
      </Button>
    </form>
  );
}
