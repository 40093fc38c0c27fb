import { useT } from '@/i18n';
import { Avatar } from '@/ui';
import { Tooltip } from '@mantine/core';
import classes from './presence.module.css';
import { usePresence } from './usePresence';

const SHOWN = 4;

/** The people who have this record open too; a ring marks those who are changing it. */
export function PresenceAvatars({ plural, id, editing }: { plural: string; id: string; editing: boolean }) {
  const t = useT();
  const people = usePresence(plural, id, editing);
  if (!people.length) return null;
  return (
    <ul className={classes.people} aria-label={t('record.presence.label')}>
      {people.slice(0, SHOWN).map((person) => {
        const text = t(person.editing ? 'record.presence.editing' : 'record.presence.viewing', { name: person.name });
        return (
          <li key={person.id} data-editing={person.editing || undefined}>
            <Tooltip label={text}>
              <span role="img" aria-label={text} tabIndex={0}>
                <Avatar name={person.name} size={26} />
              </span>
            </Tooltip>
          </li>
        );
      })}
      {people.length > SHOWN && <li className="k-meta">+{people.length - SHOWN}</li>}
    </ul>
  );
}
