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
  const { entity, editability } = useOpenRecord();
  const tabs = placedTabs(entity);
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
      {tabs.map((tab, tabIndex) => (
        <div key={tab.label || tabIndex} className={classes.tab}>
          {tabs.length > 1 && tabIndex > 0 && <div className={classes.tabLabel}>{tab.label}</div>}
          {tab.sections.map((section, index) => (
            <Section key={section.label || index} section={section} />
          ))}
        </div>
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
