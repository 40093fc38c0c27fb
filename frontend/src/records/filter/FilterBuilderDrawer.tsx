import { Button, Drawer } from '@mantine/core';
import { useState } from 'react';

import type { Filter } from '@/api';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import { FilterBuilder } from './FilterBuilder';
import classes from './filter.module.css';

/** The builder beside the list: changes show in the list at once; "undo changes" goes back to what it was. */
export default function FilterBuilderDrawer({ entity, filter, onChange, onClose }: { entity: Entity; filter: Filter | null; onChange: (filter: Filter | null) => void; onClose: () => void }) {
  const t = useT();
  const [before] = useState(filter);
  const [round, setRound] = useState(0);
  return (
    <Drawer opened onClose={onClose} position="right" size={680} title={t('lists.filter.builderOf', { objects: entity.label_plural })} overlayProps={{ backgroundOpacity: 0.1 }} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <FilterBuilder key={round} entity={entity} filter={round ? before : filter} onChange={onChange} />
      <div className={classes.drawerFoot}>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            onChange(before);
            setRound(round + 1);
          }}
        >
          {t('lists.filter.revert')}
        </Button>
        <Button onClick={onClose}>{t('ui.done')}</Button>
      </div>
    </Drawer>
  );
}
