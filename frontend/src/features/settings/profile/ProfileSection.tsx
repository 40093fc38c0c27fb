import { NativeSelect, Select, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { keys } from '@/api/keys';
import { updateSession } from '@/api/workspace';
import { LANGUAGES, setLanguage, useT, type Key, type Language } from '@/i18n';
import { setPreference, useObjects, usePreference, useSession, useTheme, type Session } from '@/metadata';
import { formatDate, formatting, formatTime, formatWeekday, setFormatting, today } from '@/ui/formatting';
import { setSingleKeyShortcuts } from '@/ui/shortcuts';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';


const DATE_FORMATS = ['DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY', 'YYYY-MM-DD', 'DD-MM-YYYY'];
const WEEK_STARTS = [1, 6, 7];
const THEMES = ['light', 'dark', 'auto'] as const;
const DENSITIES = ['compact', 'normal', 'comfortable'] as const;

/** Language, zone, formats, look and keyboard of this user. Every change is saved at once. */
export function ProfileSection() {
  const t = useT();
  const client = useQueryClient();
  const { user, workspace } = useSession();
  const [theme, setTheme] = useTheme();
  const [density, setDensity] = usePreference<string>('density', 'normal');
  const [singleKeys, setSingleKeys] = usePreference('single_key_shortcuts', true);
  const [mailOnAssignment, setMailOnAssignment] = usePreference('mail_on_assignment', true);
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);

  const save = useMutation({
    mutationFn: (change: Partial<Pick<Session['user'], 'language' | 'time_zone' | 'week_start'>>) => updateSession(change),
    onSuccess: async (session) => {
      client.setQueryData(keys.session, session);
      const language = (session.user.language ?? 'en') as Language;
      setFormatting({ ...formatting(), locale: workspace.country ? `${language}-${workspace.country}` : language, timeZone: session.user.time_zone ?? workspace.time_zone, weekStart: session.user.week_start });
      await setLanguage(language);
      // Labels of objects and fields come in the user's language.
      await Promise.all([client.invalidateQueries({ queryKey: keys.session }), client.invalidateQueries({ queryKey: ['metadata'] }), client.invalidateQueries({ queryKey: ['views'] })]);
      toast({ message: t('profile.saved'), kind: 'success', id: 'profile' });
    },
  });

  const saveDateFormat = (format: string | null) => {
    setFormatting({ ...formatting(), dateFormat: format });
    client.setQueryData<Session>(keys.session, (before) => before && { ...before, user: { ...before.user, date_format: format } });
    setPreference(client, 'date_format', format);
  };

  return (
    <SectionFrame title={t('settings.profile')} documentTitle={t('settings.profile')} intro={t('profile.intro')}>
      <Group title={t('profile.you')}>
        <div className={classes.grid}>
          <TextInput label={t('profile.name')} value={user.name} readOnly />
          <TextInput label={t('profile.email')} value={user.email} readOnly />
        </div>
      </Group>
      <Group title={t('profile.format')}>
        <div className={classes.grid}>
          <NativeSelect
            label={t('profile.language')}
            value={user.language ?? 'en'}
            onChange={(event) => save.mutate({ language: event.currentTarget.value })}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          />
          <Select
            label={t('profile.timeZone')}
            description={t('profile.timeZoneNow', { time: formatTime(new Date().toISOString()) })}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            searchable
            allowDeselect={false}
            limit={50}
            data={zones}
            value={user.time_zone ?? workspace.time_zone}
            onChange={(zone) => zone && save.mutate({ time_zone: zone })}
          />
          <NativeSelect
            label={t('profile.dateFormat')}
            description={formatDate(today())}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={user.date_format ?? ''}
            onChange={(event) => saveDateFormat(event.currentTarget.value || null)}
            data={[{ value: '', label: t('profile.dateFormatAuto') }, ...DATE_FORMATS]}
          />
          <NativeSelect
            label={t('profile.weekStart')}
            description={t('profile.weekStartHelp')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={String(user.week_start ?? 1)}
            onChange={(event) => save.mutate({ week_start: Number(event.currentTarget.value) })}
            data={WEEK_STARTS.map((day) => ({ value: String(day), label: formatWeekday(day) }))}
          />
        </div>
      </Group>
      <Group title={t('profile.look')}>
        <div className={classes.grid}>
          <NativeSelect
            label={t('profile.theme')}
            value={theme}
            onChange={(event) => setTheme(event.currentTarget.value as (typeof THEMES)[number])}
            data={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}` as Key) }))}
          />
          <NativeSelect
            label={t('profile.density')}
            value={density}
            onChange={(event) => setDensity(event.currentTarget.value)}
            data={DENSITIES.map((value) => ({ value, label: t(`profile.density.${value}` as Key) }))}
          />
        </div>
      </Group>
      <Group title={t('profile.keyboard')}>
        <Switch
          mt="sm"
          size="sm"
          label={t('shortcuts.single')}
          description={t('shortcuts.singleHelp')}
          checked={singleKeys}
          onChange={(event) => {
            setSingleKeys(event.currentTarget.checked);
            setSingleKeyShortcuts(event.currentTarget.checked);
          }}
        />
      </Group>
      <Group title={t('profile.notices')}>
        <Switch mt="sm" size="sm" label={t('profile.mailOnAssignment')} checked={mailOnAssignment} onChange={(event) => setMailOnAssignment(event.currentTarget.checked)} />
      </Group>
      <NavigationGroup />
    </SectionFrame>
  );
}

const SETTINGS_GROUPS = ['administration', 'settings', 'system', 'security'];

function NavigationGroup() {
  const t = useT();
  const objects = useObjects().filter((object) => !SETTINGS_GROUPS.includes(object.group) && object.in_navigation !== false);
  const [hidden, setHidden] = usePreference<string[]>('nav_hidden_objects', []);
  return (
    <Group title={t('profile.nav')} help={t('profile.navHelp')}>
      <div className={classes.switches}>
        {objects.map((object) => (
          <Switch
            key={object.name}
            size="xs"
            label={object.label_plural}
            checked={!hidden.includes(object.name)}
            onChange={(event) => setHidden(event.currentTarget.checked ? hidden.filter((name) => name !== object.name) : [...hidden, object.name])}
          />
        ))}
      </div>
    </Group>
  );
}
