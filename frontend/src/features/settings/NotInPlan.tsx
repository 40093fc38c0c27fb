import { useT } from '@/i18n';
import classes from './settings.module.css';

/** In place of a button: what the workspace's plan does not have, and where the plans are. */
export function NotInPlan({ text }: { text: string }) {
  const t = useT();
  return (
    <p className={classes.help} style={{ marginTop: 16 }}>
      {text} <a href="/billing/">{t('settings.plans')}</a>
    </p>
  );
}
