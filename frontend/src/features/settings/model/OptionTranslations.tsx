import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { AttributeDefinition } from '@/api/customization';
import { LANGUAGES, useT } from '@/i18n';
import { useSession } from '@/metadata';
import classes from './model.module.css';

type Options = NonNullable<AttributeDefinition['options']>;

/** The names of options in another language; empty ones are shown as in the workspace's language. */
export function OptionTranslations({ options, onChange }: { options: Options; onChange: (options: Options) => void }) {
  const t = useT();
  const { workspace } = useSession();
  const others = Object.entries(LANGUAGES).filter(([code]) => code !== workspace.language);
  const [language, setLanguage] = useState(others[0]![0]);
  const set = (index: number, text: string) => onChange(options.map((option, at) => (at === index ? { ...option, labels: { ...option.labels, [language]: text } } : option)));
  return (
    <details className={classes.details}>
      <summary>{t('options.translations')}</summary>
      <div className={classes.fieldset} style={{ marginTop: 8 }}>
        <NativeSelect size="xs" aria-label={t('options.language')} value={language} onChange={(event) => setLanguage(event.currentTarget.value)} data={others.map(([value, label]) => ({ value, label }))} />
        {options.map((option, index) =>
          option.label && !option.removed ? (
            <div key={option.value ?? `new${index}`} className={classes.translation}>
              <span>{option.label}</span>
              <TextInput size="xs" lang={language} aria-label={`${option.label}, ${LANGUAGES[language as keyof typeof LANGUAGES]}`} maxLength={100} value={option.labels?.[language] ?? ''} onChange={(event) => set(index, event.currentTarget.value)} />
            </div>
          ) : null,
        )}
      </div>
    </details>
  );
}
