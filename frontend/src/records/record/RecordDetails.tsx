import { useT } from '@/i18n';
import { IconChevronDown, IconLock } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { effectsOn, underRules } from '@/metadata';
import { InlineField } from '../form/InlineField';
import { placedTabs, type PlacedSection } from '../form/layout';
import classes from './details.module.css';
import { useOpenRecord } from './RecordContext';

/** The form of a record, read and edited field by field. */
export function RecordDetails() {
  const t = useT();
  const { entity, record, editability } = useOpenRecord();
  const [wanted, setWanted] = useState<string | null>(null);
  const { hidden } = useMemo(() => effectsOn(entity, record, { before: record }), [entity, record]);
  const tabs = placedTabs(entity).filter((tab) => tab.sections.some((section) => section.attributes.some((attribute) => !hidden.includes(attribute.name))));
  const tab = tabs.find((entry) => entry.label === wanted) ?? tabs[0];
  return (
    <div className={classes.details}>
      {!editability.mayWrite ? (
        <p className={classes.readOnly}>
          <IconLock size={16} stroke={1.75} aria-hidden /> {t('record.readOnly.rights')}
        </p>
      ) : (
        editability.closed && (
          <p className={classes.readOnly}>
            <IconLock size={16} stroke={1.75} aria-hidden /> {t('record.readOnly.closed')}
          </p>
        )
      )}
      {tabs.length > 1 && (
        <div role="tablist" className={classes.tabs} aria-label={t('record.form.tabs')}>
          {tabs.map((entry) => (
            <button key={entry.label} type="button" role="tab" aria-selected={entry === tab} className={classes.tab} onClick={() => setWanted(entry.label)}>
              {entry.label}
            </button>
          ))}
        </div>
      )}
      {tab?.sections.map((section, index) => (
        <Section key={`${tab.label}.${section.label || index}`} section={section} />
      ))}
    </div>
  );
}

function Section({ section }: { section: PlacedSection }) {
  const { entity, record, editability, save } = useOpenRecord();
  const [open, setOpen] = useState(true);
  const effects = useMemo(() => effectsOn(entity, record, { before: record }), [entity, record]);
  const shown = section.attributes.filter((attribute) => !effects.hidden.includes(attribute.name));
  if (!shown.length) return null;
  return (
    <section>
      {section.label && (
        <h2 className={classes.heading}>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {section.label}
            <IconChevronDown size={16} stroke={1.75} aria-hidden data-open={open || undefined} />
          </button>
        </h2>
      )}
      {open && (
        <div className={classes.fields}>
          {shown.map((attribute) => (
            <InlineField
              key={attribute.name}
              entity={entity}
              attribute={underRules(attribute, effects)}
              record={record}
              editability={effects.locked.includes(attribute.name) ? { ...editability, mayWrite: false } : editability}
              save={save}
            />
          ))}
        </div>
      )}
    </section>
  );
}
