import { TextInput } from '@mantine/core';

import { LANGUAGES, useT } from '@/i18n';
import { useSession } from '@/metadata';
import classes from './model.module.css';

/** Only the languages somebody wrote something for. */
export const filledIn = (labels: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(labels).filter(([, text]) => text.trim()));

/** A name in the other languages; where it is empty the workspace's own is shown. */
export function LabelTranslations({ labels, onChange, title, maxLength = 60 }: { labels: Record<string, string>; onChange: (labels: Record<string, string>) => void; title?: string; maxLength?: number }) {
  const t = useT();
  const { workspace } = useSession();
  return (
    <details className={classes.details}>
      <summary>{title ?? t('field.translations')}</summary>
      <div className={classes.pair} style={{ flexWrap: 'wrap', marginTop: 8 }}>
        {Object.entries(LANGUAGES)
          .filter(([language]) => language !== workspace.language)
          .map(([language, name]) => (
            <TextInput key={language} style={{ flexBasis: '45%' }} label={name} lang={language} maxLength={maxLength} value={labels[language] ?? ''} onChange={(event) => onChange({ ...labels, [language]: event.currentTarget.value })} />
          ))}
      </div>
    </details>
  );
}
