import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';

import type { Ref } from '@/api/types';
import { LookupPicker } from '@/fields';
import { useT, type Key } from '@/i18n';
import { Avatar } from '@/ui/Avatar';
import classes from '../settings.module.css';

/** Users (and teams) as a list one adds to by searching. */
export function PrincipalList({ value, onChange, targets, add, none, remove }: { value: Ref[]; onChange: (value: Ref[]) => void; targets: string[]; add: Key; none: Key; remove: Key }) {
  const t = useT();
  return (
    <>
      <LookupPicker
        label={t(add)}
        frame={{ 'aria-label': t(add), size: 'sm' }}
        targets={targets}
        value={null}
        keepOpen
        onChange={(ref) => ref && !value.some((one) => one.id === ref.id) && onChange([...value, ref])}
      />
      {!value.length && <p className="k-meta">{t(none)}</p>}
      <ul className={classes.people}>
        {value.map((ref) => (
          <li key={ref.id} className={classes.cellLine}>
            <Avatar name={ref.name ?? ''} size={24} />
            <span className={`${classes.grow} k-truncate`}>{ref.name}</span>
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={t(remove, { name: ref.name ?? '' })} onClick={() => onChange(value.filter((one) => one.id !== ref.id))}>
              <IconX size={14} stroke={1.75} />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </>
  );
}
