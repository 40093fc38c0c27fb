import { errorMessage, keys, linkRecords, listRelated, unlinkRecord, type Ref } from '@/api';
import { useT } from '@/i18n';
import { findObject, recordName, recordPath, useEntity, usePrivilege, useSession, type Relationship } from '@/metadata';
import { Boundary, Chip, ErrorState, formatNumber, ObjectIcon, SkeletonBar, toast } from '@/ui';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useQuickCreate } from '../form/QuickCreateProvider';
import { refreshRecord } from './cache';
import { LinkDialog } from './LinkDialog';
import { linkBack, relatedFields, relatedListHref, relatedLists, relatedRow } from './related';
import classes from './related.module.css';
import { useOpenRecord } from './RecordContext';

const ROWS = 5;
/** Of lists that have no page of their own. */
const MOST_ROWS = 50;

/** All related lists of a record as cards; one that fails does not take the others with it. */
export function RelatedLists() {
  const t = useT();
  const { entity } = useOpenRecord();
  const session = useSession();
  const lists = relatedLists(entity, new Set(session.objects.map((object) => object.name)));
  if (!lists.length) return <p className={classes.none}>{t('record.related.none')}</p>;
  return (
    <div className={classes.lists}>
      {lists.map((relationship) => (
        <Boundary key={relationship.name} compact>
          <Suspense fallback={<CardFrame relationship={relationship} />}>
            <RelatedCard relationship={relationship} />
          </Suspense>
        </Boundary>
      ))}
    </div>
  );
}

function CardFrame({ relationship }: { relationship: Relationship }) {
  return (
    <section className={classes.card}>
      <div className={classes.head}>
        <h2 className={classes.title}>{relationship.label}</h2>
      </div>
      <div className={classes.loading}>
        <SkeletonBar width="60%" />
      </div>
    </section>
  );
}

function RelatedCard({ relationship }: { relationship: Relationship }) {
  const t = useT();
  const { entity: parentEntity, record: parent, access } = useOpenRecord();
  const entity = useEntity(relationship.object);
  const object = findObject(useSession(), relationship.object);
  const mayCreate = usePrivilege(relationship.object, 'create');
  const client = useQueryClient();
  const quickCreate = useQuickCreate();
  const first = parent.related?.[relationship.name];
  const whole = !!relationship.managed && (first?.count ?? 0) > ROWS;
  const shownRows = whole ? MOST_ROWS : ROWS;
  const query = { fields: relatedFields(entity), limit: shownRows, count: 'capped' as const };
  const given = whole ? undefined : first;
  const own = useQuery({
    queryKey: keys.related(parentEntity.plural, parent.id, relationship.name, query),
    queryFn: ({ signal }) => listRelated(parentEntity.plural, parent.id, relationship.name, query, signal),
    // The record usually brought the first rows; then nothing is asked again until it is read anew.
    enabled: !given,
    retry: false,
  });
  const data = given ? { rows: given.rows, count: { value: given.count, exact: true } } : own.data;
  const { error, refetch } = own;
  const back: Ref = { object: parentEntity.name, id: parent.id, name: recordName(parentEntity, parent) };
  const linked = relationship.kind === 'many_to_many';
  const linkable = linked && !relationship.managed && access.write;
  const [picking, setPicking] = useState(false);
  const unlink = async (id: string, name: string) => {
    try {
      await unlinkRecord(parentEntity.plural, parent.id, relationship.name, id);
      toast({ message: t('record.related.unlinked', { name }), undo: () => linkAgain(id) });
    } catch (failure) {
      toast({ kind: 'error', message: errorMessage(failure) });
    }
    refreshRecord(client, parentEntity.plural, parent.id);
  };
  const linkAgain = async (id: string) => {
    await linkRecords(parentEntity.plural, parent.id, relationship.name, [id]).catch((failure: unknown) => toast({ kind: 'error', message: errorMessage(failure) }));
    refreshRecord(client, parentEntity.plural, parent.id);
  };
  const add = async () => {
    const made = await quickCreate({ object: relationship.object, defaults: linkBack(relationship, back) });
    if (made) refreshRecord(client, parentEntity.plural, parent.id);
  };
  const count = data?.count ?? null;
  const plural = object?.plural ?? entity.plural;
  return (
    <section className={classes.card} aria-label={relationship.label}>
      <div className={classes.head}>
        <ObjectIcon name={entity.icon} color={entity.color} />
        <h2 className={classes.title}>{relationship.label}</h2>
        {count && <span className={classes.count}>{formatNumber(count.value)}{count.exact ? '' : '+'}</span>}
        <span className={classes.spacer} />
        {linkable && (
          <Tooltip label={t('record.related.link', { object: entity.label_plural })}>
            <ActionIcon variant="subtle" color="gray" size={24} aria-label={t('record.related.link', { object: entity.label_plural })} onClick={() => setPicking(true)}>
              <IconPlus size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        )}
        {!linked && mayCreate && access.append_to && (
          <Tooltip label={t('record.related.add', { object: entity.label })}>
            <ActionIcon variant="subtle" color="gray" size={24} aria-label={t('record.related.add', { object: entity.label })} onClick={() => void add()}>
              <IconPlus size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {error ? (
        <ErrorState error={error} compact onRetry={() => void refetch()} />
      ) : !data ? (
        <div className={classes.loading}>
          <SkeletonBar width="60%" />
        </div>
      ) : data.rows.length > 0 && (
        <ul className={classes.rows}>
          {data.rows.slice(0, shownRows).map((row) => {
            const shown = relatedRow(entity, row, relationship.attribute);
            return (
              <li key={shown.id} className={linked ? classes.linked : undefined}>
                <a className={classes.row} href={recordPath(plural, shown.id)}>
                  <span className={classes.text}>
                    <span className="k-truncate">{shown.name}</span>
                    {shown.facts.length > 0 && <span className={`k-meta k-truncate ${classes.facts}`}>{shown.facts.join(' · ')}</span>}
                  </span>
                  {shown.state && <Chip label={shown.state.label} color={shown.state.color} />}
                </a>
                {linkable && (
                  <Tooltip label={t('record.related.unlink')}>
                    <ActionIcon variant="subtle" color="gray" size={24} aria-label={`${t('record.related.unlink')}: ${shown.name}`} onClick={() => void unlink(shown.id, shown.name)}>
                      <IconX size={14} stroke={1.75} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {picking && <LinkDialog relationship={relationship} entity={entity} onClose={() => setPicking(false)} />}
      {data && count && count.value > ROWS && !relationship.managed && (
        <a className={`k-link ${classes.all}`} href={relatedListHref(plural, relationship, back)}>
          {t('record.related.all', { count: count.value })}
        </a>
      )}
    </section>
  );
}
