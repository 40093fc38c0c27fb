import type { Ref } from '@/api/types';
import { Avatar } from '@/ui/Avatar';
import classes from '../settings.module.css';

/** The users and teams that hold a role, each a link to where its roles are changed. */
export function Holders({ holders }: { holders: Ref[] }) {
  return (
    <ul className={classes.people}>
      {holders.map((who) => (
        <li key={who.id} className={classes.cellLine}>
          <Avatar name={who.name ?? ''} size={24} />
          <a className="k-truncate" href={who.object === 'team' ? '/settings/teams' : '/settings/users'}>
            {who.name}
          </a>
        </li>
      ))}
    </ul>
  );
}
