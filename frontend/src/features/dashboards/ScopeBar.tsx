import { Group, Select } from '@mantine/core';
import { useMemo } from 'react';

import { FieldInput } from '@/fields';
import { useT } from '@/i18n';
import { useIsPhone } from '@/ui';
import { PERIODS, type Person, type Scope } from './scope';

interface Props {
  scope: Scope;
  people: Person[];
  onChange: (scope: Partial<Scope>) => void;
}

const unique = <T,>(list: T[], key: (entry: T) => string): T[] => [...new Map(list.map((entry) => [key(entry), entry])).values()];

/** Period and whose records, for all tiles. */
export function ScopeBar({ scope, people, onChange }: Props) {
  const t = useT();
  const phone = useIsPhone();
  const whose = useMemo(() => {
    const regions = unique(people.filter((person) => person.region), (person) => person.region!);
    const managers = unique(people.filter((person) => person.managerId), (person) => person.managerId!);
    return [
      { group: '', items: [{ value: 'all', label: t('dashboards.whose.all') }, { value: 'me', label: t('dashboards.whose.me') }, { value: 'teams', label: t('dashboards.whose.teams') }, { value: 'unit', label: t('dashboards.whose.unit') }] },
      { group: t('dashboards.whose.regions'), items: regions.map((person) => ({ value: `region:${person.region}`, label: person.region! })).sort((a, b) => a.label.localeCompare(b.label)) },
      { group: t('dashboards.whose.managers'), items: managers.map((person) => ({ value: `manager:${person.managerId}`, label: t('dashboards.whose.teamOf', { name: person.managerName! }) })) },
      { group: t('dashboards.whose.people'), items: people.map((person) => ({ value: `user:${person.id}`, label: person.name })) },
    ].filter((group) => group.items.length);
  }, [people, t]);
  const day = (name: 'from' | 'to') => (
    <div style={{ width: 132 }}>
      <FieldInput attribute={{ name, label: t(`dashboards.${name}`), type: 'date' }} variant="inline" value={scope[name]} onChange={(value) => onChange({ [name]: typeof value === 'string' && value ? value : null })} />
    </div>
  );
  return (
    <Group gap={8} wrap="wrap" justify={phone ? 'flex-start' : 'flex-end'}>
      {scope.period === 'custom' && (
        <>
          {day('from')}
          {day('to')}
        </>
      )}
      <Select
        size="sm"
        w={phone ? 160 : 176}
        aria-label={t('dashboards.period')}
        allowDeselect={false}
        value={scope.period}
        onChange={(period) => period && onChange({ period: period as Scope['period'] })}
        data={PERIODS.map((value) => ({ value, label: t(`dashboards.period.${value}`) }))}
      />
      <Select size="sm" w={phone ? 160 : 200} aria-label={t('dashboards.whose')} searchable allowDeselect={false} maxDropdownHeight={360} value={scope.whose} onChange={(value) => value && onChange({ whose: value })} data={whose} />
    </Group>
  );
}
