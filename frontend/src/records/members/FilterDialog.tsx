/** A filter with the records it finds beside it: a dynamic list's own, or which members to add, remove or keep. */
import { Button, Group, Modal } from '@mantine/core';
import { useState } from 'react';

import { errorMessage, type Filter } from '@/api';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import { useIsPhone } from '@/ui';
import { FilterBuilder } from '../filter/FilterBuilder';
import { Found } from './Found';
import classes from './members.module.css';

export interface FilterDialogProps {
  /** The object of the records the filter is about. */
  entity: Entity;
  title: string;
  filter: Filter | null;
  run: string;
  /** Narrows the preview: the members of a list among those the filter finds. */
  among?: (filter: Filter) => Filter;
  onRun: (filter: Filter) => Promise<unknown>;
  onClose: () => void;
}

export default function FilterDialog({ entity, title, filter: initial, run, among, onRun, onClose }: FilterDialogProps) {
  const t = useT();
  const phone = useIsPhone();
  const [filter, setFilter] = useState(initial);
  const [unfinished, setUnfinished] = useState(0);
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const submit = async () => {
    if (!filter) return;
    setRunning(true);
    setFailure(null);
    try {
      await onRun(filter);
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size={860} fullScreen={phone} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <div className={classes.editing}>
        <FilterBuilder
          entity={entity}
          filter={initial}
          onChange={(next, open) => {
            setFilter(next);
            setUnfinished(open);
          }}
        />
        <Found entity={entity} filter={filter && among ? among(filter) : filter} unfinished={unfinished} />
      </div>
      {failure !== null && <p role="alert" className={classes.failure}>{errorMessage(failure)}</p>}
      <Group justify="flex-end" gap={8} mt="md">
        <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
        <Button disabled={!filter || unfinished > 0} loading={running} onClick={() => void submit()}>{run}</Button>
      </Group>
    </Modal>
  );
}
