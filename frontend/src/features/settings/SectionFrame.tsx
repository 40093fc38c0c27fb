import { useEffect, type ReactNode } from 'react';

import classes from './settings.module.css';

export interface SectionFrameProps {
  title: ReactNode;
  documentTitle: string;
  intro?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
  /** Wider than 720 px: tables and matrices. */
  wide?: boolean;
  children: ReactNode;
}

/** One settings page: title, what it is for, its groups. */
export function SectionFrame({ title, documentTitle, intro, actions, above, wide, children }: SectionFrameProps) {
  useEffect(() => {
    document.title = documentTitle;
  }, [documentTitle]);
  return (
    <div className={classes.section} data-wide={wide || undefined}>
      {above}
      <div className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {intro && <p className={classes.intro}>{intro}</p>}
      {children}
    </div>
  );
}

/** A named group of settings on a page. */
export function Group({ title, help, children, id }: { title: string; help?: string; children: ReactNode; id?: string }) {
  return (
    <section className={classes.group} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {help && <p className={classes.help}>{help}</p>}
      {children}
    </section>
  );
}
