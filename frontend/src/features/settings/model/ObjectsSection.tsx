import { Button, TextInput } from '@mantine/core';
import { IconChevronRight, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

import type { ObjectDefinition } from '@/api/customization';
import { useT } from '@/i18n';
import { useObjects, type ObjectSummary } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { ObjectIcon } from '@/ui/icons';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { DraftBar } from './DraftBar';
import { ObjectDialog } from './ObjectDialog';
import { ObjectEditor } from './ObjectEditor';
import { PARTS, type ObjectPart } from './ObjectTabs';
import { draftOf, useDraftChanges } from './useDraft';

/** The list of objects, or the parts of one: fields, form, views, rules. */
export default function ObjectsSection({ rest }: { rest: string | null }) {
  if (!rest) return <ObjectList />;
  const [name = '', part = 'fields'] = rest.split('/');
  return <ObjectEditor key={name} name={name} part={(PARTS as readonly string[]).includes(part) ? (part as ObjectPart) : 'fields'} />;
}

function ObjectList() {
  const t = useT();
  // Own objects first, those of the administration last.
  const rank = (object: ObjectSummary) => (object.custom ? 0 : object.group === 'administration' ? 2 : 1);
  const objects = [...useObjects()].sort((a, b) => rank(a) - rank(b));
  const changes = useDraftChanges();
  const [text, setText] = useState('');
  const [creating, setCreating] = useState(false);
  const wanted = text.trim().toLowerCase();
  const created = changes.filter((change) => change.kind === 'object' && change.operation === 'create' && !objects.some((object) => object.name === change.name));
  const rows = [
    ...created.map((change) => {
      const definition = (change.definition ?? {}) as ObjectDefinition;
      return { name: change.name ?? '', label: definition.label_plural ?? definition.label ?? change.name ?? '', icon: definition.icon ?? null, color: definition.color ?? null, custom: true };
    }),
    ...objects.map((object) => ({ name: object.name, label: object.label_plural, icon: object.icon, color: object.color, custom: object.custom })),
  ].filter((row) => !wanted || `${row.label} ${row.name}`.toLowerCase().includes(wanted));

  return (
    <SectionFrame
      title={t('model.objects')}
      documentTitle={t('model.objects')}
      intro={t('model.objectsIntro')}
      actions={
        <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setCreating(true)}>
          {t('model.newObject')}
        </Button>
      }
    >
      <DraftBar />
      <div className={classes.toolbar}>
        <TextInput w={280} aria-label={t('model.find')} placeholder={t('model.find')} leftSection={<IconSearch size={16} stroke={1.75} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      </div>
      <div className={classes.card}>
        {rows.map((row) => {
          const change = draftOf(changes, 'object', row.name);
          return (
            <a key={row.name} className={classes.cardRow} href={`/settings/objects/${row.name}`}>
              <ObjectIcon name={row.icon} color={row.color} size={28} />
              <span className={classes.grow}>
                <span style={{ display: 'block' }} className="k-truncate">{row.label}</span>
                <span className="k-code k-meta">{row.name}</span>
              </span>
              {change && <Chip color="yellow" label={t(change.operation === 'create' ? 'model.draftNew' : change.operation === 'delete' ? 'model.draftDeleted' : 'model.draftChanged')} />}
              <Chip color={row.custom ? 'violet' : 'gray'} label={t(row.custom ? 'model.own' : 'model.standard')} />
              <IconChevronRight size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
            </a>
          );
        })}
      </div>
      {creating && <ObjectDialog onClose={() => setCreating(false)} />}
    </SectionFrame>
  );
}
