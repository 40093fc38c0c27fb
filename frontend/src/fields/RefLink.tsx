import type { Ref } from '@/api/types';
import { recordPath, useObject } from '@/metadata';
import classes from './fields.module.css';

/** The name of a related record as a link to its page; plain text when the user may not see the object. */
export function RefLink({ value, line }: { value: Ref; line?: boolean }) {
  const object = useObject(value.object);
  const name = value.name || value.id.slice(0, 8);
  const className = line ? classes.line : undefined;
  if (!object) return <span className={className} title={name}>{name}</span>;
  return (
    <a className={`${classes.ref} ${className ?? ''}`} href={recordPath(object.plural, value.id)} title={name} onClick={(event) => event.stopPropagation()}>
      {name}
    </a>
  );
}
