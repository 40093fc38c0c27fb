import { useMemo } from 'react';

import type { FormDefinition } from '@/api/customization';
import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { FormRenderer, namesOf, placedTabs, useForm } from '@/records/form';
import { Chip } from '@/ui/Chip';
import { ObjectIcon } from '@/ui/icons';
import classes from './designer.module.css';

const EDITABILITY = { mayWrite: true, closed: false, isNew: true };

/** The drawn form with the real form renderer, as wide as a desk or as narrow as a phone. Nothing typed here is kept. */
export function FormPreview({ entity, definition, phone }: { entity: Entity; definition: FormDefinition; phone: boolean }) {
  const t = useT();
  const drawn = useMemo<Entity>(
    () => ({ ...entity, forms: { main: { tabs: definition.tabs, header: definition.header ?? [], related: definition.related ?? [], path: null }, quick_create: definition.quick_create ?? [] } }),
    [entity, definition],
  );
  const names = useMemo(() => namesOf(placedTabs(drawn)), [drawn]);
  const initial = useMemo(() => ({}), []);
  const form = useForm({ entity: drawn, initial, names });
  const related = (definition.related ?? []).map((name) => drawn.relationships.find((entry) => entry.name === name)?.label).filter(Boolean);
  const facts = (definition.header ?? []).map((name) => attributeOf(drawn, name)).filter((attribute) => !!attribute);
  return (
    <div className={classes.stage}>
      <div className={classes.sheet} data-phone={phone || undefined} role="region" aria-label={t('designer.preview')}>
        <h3 className={classes.sheetTitle}>
          <ObjectIcon name={entity.icon} color={entity.color} size={28} /> {t('designer.sample', { object: entity.label })}
        </h3>
        {facts.length > 0 && (
          <dl className={classes.facts}>
            {facts.map((attribute) => (
              <div key={attribute.name}>
                <dt>{attribute.label}</dt>
                <dd>–</dd>
              </div>
            ))}
          </dl>
        )}
        <FormRenderer form={form} editability={EDITABILITY} />
        {related.length > 0 && (
          <div className={classes.relatedRow} aria-label={t('designer.related')}>
            {related.map((label) => (
              <Chip key={label} color="gray" label={label!} />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
