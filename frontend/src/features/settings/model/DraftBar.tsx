import { Button } from '@mantine/core';

import { useT } from '@/i18n';
import classes from '../settings.module.css';
import { useDraftChanges } from './useDraft';

/** Says that changes wait for publishing, wherever the data model is edited. */
export function DraftBar() {
  const t = useT();
  const changes = useDraftChanges();
  if (!changes.length) return null;
  return (
    <div className={classes.strip} role="status">
      <span>{t('draft.bar', { count: changes.length })}</span>
      <Button size="xs" component="a" href="/settings/changes">
        {t('draft.review')}
      </Button>
    </div>
  );
}
