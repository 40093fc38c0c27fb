import { useEffect, type ReactNode } from 'react';

import classes from './PageFrame.module.css';

export interface PageFrameProps {
  title: ReactNode;
  /** Text of the browser tab; needed when `title` is not plain text. */
  documentTitle?: string;
  icon?: ReactNode;
  /** Beside the title: views as tabs. */
  tabs?: ReactNode;
  /** At the right; the primary action rightmost. */
  actions?: ReactNode;
  /** Above the title: breadcrumb. */
  above?: ReactNode;
  /** A second row below the header: filter chips, toolbar. */
  toolbar?: ReactNode;
  /** Centred column of 720 px, as in settings. */
  narrow?: boolean;
  /** The content brings its own scrolling (grids, boards). */
  fixed?: boolean;
  children: ReactNode;
}

/** Header and content of a page: title left, views beside it, actions right. */
export function PageFrame({ title, documentTitle, icon, tabs, actions, above, toolbar, narrow, fixed, children }: PageFrameProps) {
  const name = documentTitle ?? (typeof title === 'string' ? title : undefined);
  useEffect(() => {
    if (name) document.title = name;
  }, [name]);
  return (
    <div className={classes.page}>
      {above && <div className={classes.above}>{above}</div>}
      <header className={classes.header}>
        {icon}
        <h1 className={classes.title}>{title}</h1>
        {tabs && <div className={classes.tabs}>{tabs}</div>}
        <div className={classes.spacer} />
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {toolbar && <div className={classes.toolbar}>{toolbar}</div>}
      <div className={fixed ? classes.fixed : classes.scroll}>{narrow ? <div className={classes.narrow}>{children}</div> : children}</div>
    </div>
  );
}
