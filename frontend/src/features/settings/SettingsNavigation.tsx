import { TextInput } from '@mantine/core';
import { IconExternalLink, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

import { useT, type Key } from '@/i18n';
import { useSession } from '@/metadata';
import { SECTIONS, sectionHref } from './sections';
import classes from './settings.module.css';

const GROUPS = ['you', 'people', 'model', 'data', 'workspace'] as const;

/** All settings the user may see, searchable by name and by what is in them. */
export function SettingsNavigation({ current }: { current: string }) {
  const t = useT();
  const session = useSession();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const visible = SECTIONS.filter((section) => !section.shown || section.shown(session)).filter(
    (section) => !wanted || `${t(section.label)} ${section.keywords ? t(section.keywords) : ''}`.toLowerCase().includes(wanted),
  );
  return (
    <nav className={classes.nav} aria-label={t('settings.title')}>
      <h1 className={classes.navTitle}>{t('settings.title')}</h1>
      <TextInput
        size="xs"
        className={classes.navSearch}
        aria-label={t('settings.search')}
        placeholder={t('settings.search')}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {GROUPS.map((group) => {
        const sections = visible.filter((section) => section.group === group);
        if (!sections.length) return null;
        return (
          <div key={group} className={classes.navGroup}>
            <h2 className={classes.navLabel}>{t(`settings.group.${group}` as Key)}</h2>
            {sections.map((section) => (
              <a key={section.path} className={classes.navItem} href={sectionHref(section)} aria-current={section.path === current ? 'page' : undefined}>
                <section.icon size={16} stroke={1.75} aria-hidden />
                <span className="k-truncate">{t(section.label)}</span>
                {section.path.endsWith('/') && <IconExternalLink size={16} stroke={1.75} aria-hidden style={{ marginLeft: 'auto' }} />}
              </a>
            ))}
          </div>
        );
      })}
      {!visible.length && <p className="k-meta" style={{ padding: '0 8px' }}>{t('settings.searchNone', { text })}</p>}
    </nav>
  );
}
