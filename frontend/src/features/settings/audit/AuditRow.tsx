import { Button } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { errorMessage } from '@/api/errors';
import { restoreValue, type AuditChange, type AuditEntry } from '@/api/security';
import { asRef, FieldDisplay, formatValue, isEmpty } from '@/fields';
import { useT, type Key } from '@/i18n';
import { attributeOf, useMaybeEntity, useObjects, type Attribute, type Entity } from '@/metadata';
import { formatDateTime } from '@/ui/formatting';
import { toast } from '@/ui/toast';
import classes from '../settings.module.css';

/** A value of the audit as text: references by name, lists joined, nothing as "empty". */
export function auditText(value: unknown, empty: string): string {
  if (value == null || value === '' || (Array.isArray(value) && !value.length)) return empty;
  if (Array.isArray(value)) return value.map((one) => auditText(one, empty)).join(', ');
  if (typeof value === 'object') {
    const named = value as { name?: unknown };
    if (typeof named.name === 'string') return named.name;
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${auditText(inner, empty)}`)
      .join(', ');
  }
  return String(value);
}

/** One entry: when, who did what to which record, old and new values. */
export function AuditRow({ entry }: { entry: AuditEntry }) {
  const t = useT();
  const operation = known(t, `audit.op.${entry.operation}`, entry.operation);
  const object = entry.object_label ?? known(t, `audit.object.${entry.object}`, entry.object);
  const gone = entry.plural && entry.operation !== 'export' && !entry.record.name && !entry.hidden;
  return (
    <div className={classes.entry}>
      <span className="k-meta">{formatDateTime(entry.at)}</span>
      <div className={classes.grow}>
        <div>
          <strong>{entry.actor.name || '–'}</strong> · {operation}
          {entry.object !== 'login' && ` · ${object} `}
          {entry.plural && entry.record.name && <a href={`/${entry.plural}/${entry.record.id}`}>{entry.record.name}</a>}
          {gone && <span className="k-meta">({t('audit.gone')})</span>}
        </div>
        {entry.hidden && <div className="k-meta">{t('audit.hidden')}</div>}
        {entry.operation !== 'create' && (
          <ul className={classes.values}>
            {entry.changes.map((change) => (
              <Change key={change.attribute} entry={entry} change={change} />
            ))}
          </ul>
        )}
        {entry.operation === 'create' && entry.changes.length > 0 && <div className="k-meta">{t('audit.changes', { count: entry.changes.length })}</div>}
      </div>
      <span className="k-meta">{entry.via ?? known(t, `audit.source.${entry.source}`, entry.source)}</span>
    </div>
  );
}

/** The text of a key that may be missing: codes of a newer server show as they are. */
function known(t: ReturnType<typeof useT>, key: string, fallback: string): string {
  const text = t(key as Key);
  return text === key ? fallback : text;
}

/** A value of a field that still exists as the field shows it elsewhere, anything else as text. */
function Value({ entity, attribute, value }: { entity: Entity | undefined; attribute: Attribute | undefined; value: unknown }) {
  const t = useT();
  if (isEmpty(value)) return <span className={classes.nothing}>{t('audit.empty')}</span>;
  const ref = asRef(value);
  if (ref && !ref.name) return <span className={classes.nothing}>{t('audit.gone')}</span>;
  if (!attribute || !entity) return <>{auditText(value, t('audit.empty'))}</>;
  return <FieldDisplay attribute={{ ...attribute, states: entity.states }} value={value} entity={entity} />;
}

function Change({ entry, change }: { entry: AuditEntry; change: AuditChange }) {
  const t = useT();
  const client = useQueryClient();
  const objects = useObjects();
  const described = objects.some((object) => object.name === entry.object);
  const entity = useMaybeEntity(described ? entry.object : null);
  const attribute = entity ? attributeOf(entity, change.attribute) : undefined;
  const ref = asRef(change.old);
  const empty = isEmpty(change.old);
  const old = empty ? t('audit.empty') : attribute && entity ? formatValue({ ...attribute, states: entity.states }, change.old) : auditText(change.old, t('audit.empty'));
  const restore = useMutation({
    mutationFn: () => restoreValue(entry.id, change.attribute),
    onSuccess: async () => {
      toast({ kind: 'success', message: empty ? t('audit.emptied', { field: change.label }) : t('audit.restored', { field: change.label, value: old }) });
      await client.invalidateQueries({ queryKey: ['audit'] });
      if (entry.plural) await client.invalidateQueries({ queryKey: ['records', entry.plural] });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  // Until the object's description is there, a number would be shown for an option.
  if (described && !entity) return <li aria-busy="true">{change.label}</li>;
  return (
    <li>
      <span className="k-meta">{known(t, `audit.field.${change.attribute}`, change.label)}</span>
      {change.masked ? (
        <em className="k-meta">{t('audit.masked')}</em>
      ) : (
        <>
          {!empty && (
            <>
              <del>
                <Value entity={entity} attribute={attribute} value={change.old} />
              </del>
              <IconArrowRight size={16} stroke={1.75} aria-label={t('record.timeline.to')} />
            </>
          )}
          <ins>
            <Value entity={entity} attribute={attribute} value={change.new} />
          </ins>
          {change.restorable && !(ref && !ref.name) && (
            <Button variant="subtle" size="compact-xs" loading={restore.isPending} onClick={() => restore.mutate()}>
              {empty ? t('audit.restoreEmpty') : t('audit.restore', { value: old.length > 40 ? `${old.slice(0, 40)}…` : old })}
            </Button>
          )}
        </>
      )}
    </li>
  );
}
