import { Checkbox, Stack } from '@mantine/core';

import { useT } from '@/i18n';
import type { KnownRole } from './useRoles';
import { usableIn, useUnits } from './useUnits';

interface Props {
  roles: KnownRole[];
  value: string[];
  /** Where the user or team is: roles of other units cannot be given (PLT-40 Inheritance). */
  unit: string | null | undefined;
  label?: string;
  onChange: (ids: string[]) => void;
}

/** Which roles a user or team holds; those of another business unit can only be taken away. */
export function RoleChoices({ roles, value, unit, label, onChange }: Props) {
  const t = useT();
  const units = useUnits();
  return (
    <Checkbox.Group value={value} onChange={onChange} aria-label={label}>
      <Stack gap={10}>
        {roles.map((role) => {
          const usable = usableIn(units.data, role.unit?.id, unit);
          return <Checkbox key={role.id} size="xs" value={role.id} label={role.name} description={role.unit ? t('roles.onlyIn', { unit: role.unit.name ?? '' }) : undefined} disabled={!usable && !value.includes(role.id)} />;
        })}
      </Stack>
    </Checkbox.Group>
  );
}
