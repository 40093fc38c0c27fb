import { IconAlertTriangle } from '@tabler/icons-react';

import { asRef } from '@/fields';
import { useT } from '@/i18n';
import { recordName, recordPath, type Entity } from '@/metadata';
import { formatDate, formatNumber, formatTime, ObjectIcon, today, dayOf } from '@/ui';
import classes from './dashboards.module.css';
import { dueAttribute, listOf, ROWS_DUE, type Answers } from './figures';
import { Tile, TileEmpty } from './Tile';

interface Props {
  activities: Entity[];
  answers: Answers | undefined;
  pending: boolean;
  stale: boolean;
  error: unknown;
  onRetry: () => void;
  listPath: (entity: Entity) => string;
}

interface DueItem {
  entity: Entity;
  id: string;
  name: string;
  at: string;
  regarding: string | null;
  day: string;
  timed: boolean;
  late: boolean;
}

/** What is due within a week or already late, of all kinds, earliest first. */
function dueItems(activities: Entity[], answers: Answers, now = Date.now()): DueItem[] {
  return activities
    .flatMap((entity) =>
      (listOf(answers, `due:${entity.name}`)?.rows ?? []).map((row) => {
        const at = String(row[dueAttribute(entity)] ?? '');
        const timed = at.length > 10;
        const day = timed ? dayOf(at) : at;
        return { entity, id: row.id, name: recordName(entity, row), at, regarding: asRef(row.regarding)?.name ?? null, day, timed, late: timed ? Date.parse(at) < now : day < today() };
      }),
    )
    .sort((a, b) => a.at.localeCompare(b.at))
    .slice(0, ROWS_DUE);
}

export function DueTile({ activities, answers, pending, stale, error, onRetry, listPath }: Props) {
  const t = useT();
  const items = answers ? dueItems(activities, answers) : [];
  const failed = answers && activities.length > 0 ? activities.map((entity) => answers.get(`due:${entity.name}`)?.error).find(Boolean) : null;
  const counts = activities.flatMap((entity) => {
    const count = answers && listOf(answers, `due:${entity.name}`)?.count;
    return count?.value ? [{ entity, count }] : [];
  });
  const now = today();
  return (
    <Tile title={t('dashboards.due')} meta={t('dashboards.dueMeta')} pending={pending} stale={stale} error={error ?? failed} onRetry={onRetry} empty={items.length ? undefined : <TileEmpty title={t('dashboards.due.none')} body={t('dashboards.due.noneBody')} />}>
      <ul className={classes.due}>
        {items.map((item) => {
          return (
            <li key={`${item.entity.name}${item.id}`}>
              <a className={classes.dueLine} href={recordPath(item.entity.plural, item.id)}>
                <ObjectIcon name={item.entity.icon} color={item.entity.color} />
                <span className={classes.dueText}>
                  <span className="k-truncate">{item.name}</span>
                  {item.regarding && <span className="k-meta k-truncate">{item.regarding}</span>}
                </span>
                <span className={classes.dueDate} data-late={item.late || undefined}>
                  {item.late && <IconAlertTriangle size={16} stroke={1.75} aria-label={t('dashboards.due.late')} />}
                  {item.day === now ? (item.timed ? formatTime(item.at) : t('dashboards.due.today')) : formatDate(item.day)}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      <div className={classes.dueFoot}>
        {counts.map(({ entity, count }) => (
          <a key={entity.name} href={listPath(entity)}>
            {t('dashboards.due.all', { count: `${formatNumber(count.value)}${count.exact ? '' : '+'}`, objects: entity.label_plural })}
          </a>
        ))}
      </div>
    </Tile>
  );
}
