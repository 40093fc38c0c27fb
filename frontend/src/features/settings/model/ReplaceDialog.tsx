import { Button, Group as Row, Modal } from '@mantine/core';
import { useState } from 'react';

import type { RemovedOptions, Replacements } from '@/api/customization';
import { useT } from '@/i18n';
import { ReplacementSelect } from './DeletedOption';
import classes from './model.module.css';

/** Going back to a version without options that records have: what takes their place. */
export function ReplaceDialog({ lists, busy, onClose, onDone }: { lists: RemovedOptions[]; busy: boolean; onClose: () => void; onDone: (replacements: Replacements) => void }) {
  const t = useT();
  const [chosen, setChosen] = useState<Record<string, Record<string, number | null | undefined>>>({});
  const asked = lists.flatMap((list) => list.options.filter((option) => option.records > 0).map((option) => ({ list, option })));
  const open = asked.some(({ list, option }) => chosen[list.list]?.[option.value] === undefined);
  const submit = () => onDone(Object.fromEntries(lists.map(({ list }) => [list, Object.fromEntries(Object.entries(chosen[list] ?? {}).flatMap(([value, replacement]) => (replacement === undefined ? [] : [[value, replacement]])))])));
  return (
    <Modal opened onClose={onClose} title={t('options.rollBackTitle')} size={480} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <div className={classes.form}>
        <p className="k-meta" style={{ margin: 0 }}>{t('options.rollBackBody')}</p>
        {asked.map(({ list, option }) => (
          <div key={`${list.list}.${option.value}`}>
            <div className="k-meta">{`${list.label} · ${t('options.records', { count: option.records })}`}</div>
            <ReplacementSelect name={option.label} value={chosen[list.list]?.[option.value]} staying={list.staying.filter((entry) => entry.group === option.group)} required={list.required} onChange={(replacement) => setChosen({ ...chosen, [list.list]: { ...chosen[list.list], [option.value]: replacement } })} />
          </div>
        ))}
        <Row justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button loading={busy} disabled={open} onClick={submit}>{t('options.rollBack')}</Button>
        </Row>
      </div>
    </Modal>
  );
}
