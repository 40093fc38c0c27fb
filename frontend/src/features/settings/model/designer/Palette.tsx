import { TextInput } from '@mantine/core';
import { IconGripVertical, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

import { useT } from '@/i18n';
import { TypeIcon } from '../TypeIcon';
import classes from './designer.module.css';
import { beginDrag, endDrag, mayDrop, useDesigner, type Placeable } from './FieldList';
import { sectionOf, take } from './formDocument';

/** Fields that are not on the form yet; a field dropped here leaves it. */
export function Palette({ free }: { free: (Placeable & { name: string })[] }) {
  const t = useT();
  const { change } = useDesigner();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = free.filter((field) => !wanted || field.label.toLowerCase().includes(wanted));
  return (
    <aside
      className={classes.palette}
      onDragOver={(event) => mayDrop(event, 'palette')}
      onDrop={(event) => {
        event.preventDefault();
        const name = event.dataTransfer.getData('application/x-form-field');
        endDrag();
        change((before) => {
          const section = sectionOf(before, name);
          return section ? take(before, name, section.id) : before;
        });
      }}
    >
      <section className={classes.card} aria-label={t('designer.palette')}>
        <div className={classes.cardHead}>
          <h3>{t('designer.palette')}</h3>
          <span className="k-meta k-num">{free.length}</span>
        </div>
        <div style={{ padding: '0 8px 8px' }}>
          <TextInput size="xs" aria-label={t('designer.find')} placeholder={t('designer.find')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        </div>
        <div className={classes.free}>
          {shown.map((field) => (
            <div key={field.name} className={classes.pick} style={{ cursor: 'grab' }} draggable onDragStart={(event) => beginDrag(event, field.name, 'palette')} onDragEnd={endDrag}>
              <IconGripVertical size={16} stroke={1.75} aria-hidden className={classes.grip} />
              {field.type && <TypeIcon type={field.type} />}
              <span className="k-truncate" title={field.label}>{field.label}</span>
              {field.required && <span className={classes.need} aria-label={t('model.required')}>*</span>}
            </div>
          ))}
          {!shown.length && <p className={classes.hint}>{t(free.length ? 'designer.none' : 'designer.allPlaced')}</p>}
        </div>
      </section>
    </aside>
  );
}
