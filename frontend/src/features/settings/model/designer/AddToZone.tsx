import { Button, Popover, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';

import { useT } from '@/i18n';
import { TypeIcon } from '../TypeIcon';
import classes from './designer.module.css';
import type { Placeable } from './FieldList';
import { useDesigner } from './FieldList';
import { namesIn, place, type Zone } from './formDocument';

/** Put something into a zone without dragging: by typing a part of its name. */
export function AddToZone({ zone, label, choices }: { zone: Zone; label: string; choices: (Placeable & { name: string })[] }) {
  const t = useT();
  const { form, change } = useDesigner();
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = choices.filter((choice) => !wanted || choice.label.toLowerCase().includes(wanted));
  const add = (name: string) => change((before) => place(before, name, zone, namesIn(form, zone).length));
  if (!choices.length) return null;
  return (
    <div className={classes.addRow}>
      <Popover opened={opened} onChange={setOpened} position="bottom-start" width={280} withinPortal trapFocus returnFocus>
        <Popover.Target>
          <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setOpened(!opened)}>
            {label}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={8}>
          <TextInput
            size="xs"
            data-autofocus
            aria-label={t('designer.find')}
            placeholder={t('designer.find')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !shown[0]) return;
              event.preventDefault();
              add(shown[0].name);
              setText('');
            }}
          />
          <div className={classes.list}>
            {shown.map((choice) => (
              <button key={choice.name} type="button" className={classes.pick} onClick={() => add(choice.name)}>
                {choice.type && <TypeIcon type={choice.type} />}
                <span className="k-truncate">{choice.label}</span>
              </button>
            ))}
            {!shown.length && <p className={classes.hint}>{t('designer.none')}</p>}
          </div>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}
