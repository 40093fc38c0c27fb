import { ActionIcon, Button, Checkbox } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';

import { FieldInput } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { AttributePicker } from '../filter/AttributePicker';
import { Dropdown } from '../filter/Dropdown';
import { isEditable } from '../list/editable';
import classes from './bulk.module.css';
import type { EditEntry } from './request';

interface Props {
  entity: Entity;
  entries: EditEntry[];
  errors: Record<string, string>;
  onChange: (entries: EditEntry[]) => void;
}

/** The attributes to change: one line each with the new value, or emptied. */
export function EditEntries({ entity, entries, errors, onChange }: Props) {
  const t = useT();
  const [picking, setPicking] = useState(entries.length === 0);
  const set = (at: number, change: Partial<EditEntry>) => onChange(entries.with(at, { ...entries[at]!, ...change }));
  return (
    <div className={classes.entries}>
      {entries.map((entry, at) => {
        const attribute = attributeOf(entity, entry.name)!;
        return (
          <div key={entry.name} className={classes.entry}>
            <div className={classes.entryInput}>
              <FieldInput
                attribute={attribute}
                value={entry.clear ? null : entry.value}
                onChange={(value) => set(at, { value, clear: false })}
                disabled={entry.clear}
                entity={entity}
                error={errors[entry.name]}
                autoFocus={at === entries.length - 1}
              />
            </div>
            <Checkbox size="xs" className={classes.clear} label={t('lists.bulk.empty')} checked={entry.clear} disabled={attribute.required} onChange={(event) => set(at, { clear: event.currentTarget.checked })} />
            <ActionIcon size={28} variant="subtle" color="gray" className={classes.drop} aria-label={t('fields.remove', { name: attribute.label })} onClick={() => onChange(entries.toSpliced(at, 1))}>
              <IconX size={16} stroke={1.75} />
            </ActionIcon>
          </div>
        );
      })}
      <Dropdown
        opened={picking}
        onClose={() => setPicking(false)}
        label={t('lists.bulk.addAttribute')}
        width={300}
        returnFocus={false}
        target={
          <Button size="xs" variant={entries.length ? 'subtle' : 'default'} leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setPicking(!picking)}>
            {entries.length ? t('lists.bulk.addAttribute') : t('lists.bulk.firstAttribute')}
          </Button>
        }
      >
        <AttributePicker
          entity={entity}
          steps={0}
          allow={(candidate) => isEditable(candidate) && candidate.name !== 'owner' && !entries.some((entry) => entry.name === candidate.name)}
          onPick={(name, attribute) => {
            onChange([...entries, { name, value: attribute.type === 'bool' ? true : null, clear: false }]);
            setPicking(false);
          }}
        />
      </Dropdown>
    </div>
  );
}
