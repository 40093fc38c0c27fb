import type { DuplicateMatch } from '@/api';
import { useT } from '@/i18n';
import { findObject, recordPath, useSession } from '@/metadata';
import { ObjectIcon } from '@/ui';
import { IconArrowUpRight, IconCopy } from '@tabler/icons-react';
import classes from './duplicates.module.css';
import type { Duplicates } from './useDuplicates';

export interface DuplicateListProps extends Duplicates {
  /** After "open this instead": close the dialog the list stands in. */
  onOpen?: (match: DuplicateMatch) => void;
}

/** Records that look the same, each with what tells it apart and a way to open it instead. */
export function DuplicateList({ matches, hidden, onOpen }: DuplicateListProps) {
  const t = useT();
  const session = useSession();
  if (!matches.length && !hidden) return null;
  return (
    <div className={classes.box} role="status">
      <div className={classes.title}>
        <IconCopy size={16} stroke={1.75} aria-hidden />
        {t('record.duplicates.title', { count: matches.length + hidden })}
      </div>
      {matches.map((match) => {
        const object = findObject(session, match.object);
        return (
          <a key={match.id} className={classes.match} href={recordPath(object?.plural ?? match.object, match.id)} onClick={() => onOpen?.(match)}>
            <ObjectIcon name={object?.icon} color={object?.color} />
            <span className={classes.text}>
              <span className="k-truncate">{match.name}</span>
              {match.facts.length > 0 && <span className={`k-meta k-truncate ${classes.facts}`}>{match.facts.join(' · ')}</span>}
            </span>
            <span className={classes.open}>
              {t('record.duplicates.open')}
              <IconArrowUpRight size={16} stroke={1.75} aria-hidden />
            </span>
          </a>
        );
      })}
      {hidden > 0 && <div className="k-meta">{t('record.duplicates.hidden', { count: hidden })}</div>}
    </div>
  );
}
