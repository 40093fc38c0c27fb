import { useT, type Key } from '@/i18n';
import classes from './model.module.css';

export const PARTS = ['fields', 'relationships', 'form', 'views', 'rules'] as const;
export type ObjectPart = (typeof PARTS)[number];

/** The parts of an object that are edited each on a page of its own. */
export function ObjectTabs({ name, part }: { name: string; part: ObjectPart }) {
  const t = useT();
  return (
    <nav className={classes.parts} aria-label={t('model.tabs')}>
      {PARTS.map((entry) => (
        <a key={entry} className={classes.part} aria-current={entry === part ? 'page' : undefined} href={`/settings/objects/${name}${entry === 'fields' ? '' : `/${entry}`}`}>
          {t(`model.tab.${entry}` as Key)}
        </a>
      ))}
    </nav>
  );
}
