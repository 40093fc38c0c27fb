import type { ReactNode } from 'react';

import { colorPair } from './colors';
import classes from './Chip.module.css';

export interface ChipProps {
  label: ReactNode;
  color?: string | null;
  icon?: ReactNode;
  /** A dot instead of a filled background: for states beside other chips. */
  dot?: boolean;
  title?: string;
}

/** An option or state: always with its text, so colour is never the only sign. */
export function Chip({ label, color, icon, dot, title }: ChipProps) {
  const pair = colorPair(color);
  return (
    <span className={classes.chip} data-dot={dot || undefined} style={dot ? undefined : pair} title={title ?? (typeof label === 'string' ? label : undefined)}>
      {dot && <span className={classes.dot} style={{ background: pair.color }} aria-hidden />}
      {icon}
      <span className="k-truncate">{label}</span>
    </span>
  );
}
