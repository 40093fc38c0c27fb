import { keyLabels } from './shortcuts';
import classes from './Keys.module.css';

/** A key combination as small key caps. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.keys}>
      {keyLabels(keys).map((label, index) => (
        <kbd key={index} className={classes.key}>
          {label}
        </kbd>
      ))}
    </span>
  );
}
