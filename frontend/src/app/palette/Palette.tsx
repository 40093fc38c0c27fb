import { Loader, Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { keys } from '@/api/keys';
import type { ExcerptPart, SearchRow } from '@/api/types';
import { recentRecords, search } from '@/api/workspace';
import { useT } from '@/i18n';
import { useObjects } from '@/metadata';
import { useQuickCreate } from '@/records/form/QuickCreateProvider';
import { ObjectIcon } from '@/ui/icons';
import { Keys } from '@/ui/Keys';
import { isNavigable } from '../shell/groups';
import { Excerpt } from '../routes/Marked';
import { useCommands } from './commands';
import { fuzzyScore } from './fuzzy';
import classes from './Palette.module.css';

const DELAY_MS = 120;
const PER_OBJECT = 5;
const MOST_COMMANDS = 7;
const SHORTEST = 2;

interface Entry {
  id: string;
  label: string;
  facts?: string[];
  excerpt?: ExcerptPart[];
  icon: ReactNode;
  run: () => void;
  /** For Ctrl-click and Ctrl-Enter. */
  href?: string;
}

interface Section {
  label: string;
  entries: Entry[];
}

export interface PaletteProps {
  /** `create` offers only what can be created. */
  mode: 'search' | 'create';
  onClose: () => void;
  onHelp: () => void;
}

/** Ctrl-K: recent records, records across objects, commands; by keyboard alone. */
export default function Palette({ mode, onClose, onHelp }: PaletteProps) {
  const t = useT();
  const router = useRouter();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  const { sections, isSearching, failed, wanted } = useSections({ text, mode, onClose, onHelp, go: (path) => router.history.push(path) });
  const flat = useMemo(() => sections.flatMap((section) => section.entries), [sections]);
  const selected = Math.min(at, Math.max(0, flat.length - 1));

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selected, flat]);

  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
    if (move) {
      event.preventDefault();
      setAt(Math.abs(move) === 1 ? (selected + move + flat.length) % Math.max(1, flat.length) : Math.max(0, Math.min(flat.length - 1, selected + move)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const entry = flat[selected];
      if (!entry) return;
      if ((event.ctrlKey || event.metaKey) && entry.href) window.open(entry.href, '_blank', 'noopener');
      else entry.run();
    }
  };

  return (
    <Modal opened onClose={onClose} withCloseButton={false} size={620} padding={0} yOffset="12vh" aria-label={t('palette.title')} classNames={{ body: classes.body }}>
      <div className={classes.inputRow}>
        {isSearching ? <Loader size={16} /> : <IconSearch size={18} stroke={1.75} aria-hidden />}
        <input
          className={classes.input}
          data-autofocus
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={flat[selected] ? `${listId}-${selected}` : undefined}
          aria-label={t('palette.title')}
          placeholder={mode === 'create' ? t('shell.create') : t('palette.placeholder')}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          spellCheck={false}
          autoComplete="off"
        />
        <Keys keys="escape" />
      </div>
      <div ref={list} id={listId} role="listbox" aria-label={t('palette.title')} className={classes.list}>
        {sections.map((section) => (
          <div key={section.label} role="group" aria-label={section.label}>
            <div className={classes.label} aria-hidden>{section.label}</div>
            {section.entries.map((entry) => {
              const position = flat.indexOf(entry);
              return (
                <div
                  key={entry.id}
                  id={`${listId}-${position}`}
                  role="option"
                  aria-selected={position === selected}
                  className={classes.option}
                  onPointerMove={() => position !== selected && setAt(position)}
                  onClick={(event) => {
                    if ((event.ctrlKey || event.metaKey) && entry.href) window.open(entry.href, '_blank', 'noopener');
                    else entry.run();
                  }}
                >
                  <span className={classes.icon}>{entry.icon}</span>
                  <span className={classes.text}>
                    {entry.label}
                    {entry.excerpt && <Excerpt parts={entry.excerpt} className={classes.excerpt} />}
                  </span>
                  {entry.facts && <span className={classes.facts}>{entry.facts.join(' · ')}</span>}
                </div>
              );
            })}
          </div>
        ))}
        {failed && <div className={classes.empty} role="alert">{t('palette.failed')}</div>}
        {!failed && !flat.length && wanted && !isSearching && (
          <div className={classes.empty}>
            <div>{t('palette.none', { text: wanted })}</div>
            <div className="k-meta">{t('palette.noneHint')}</div>
          </div>
        )}
      </div>
      <div className={classes.foot} aria-hidden>
        <span><Keys keys="arrowup arrowdown" /> {t('palette.hint.move')}</span>
        <span><Keys keys="enter" /> {t('palette.hint.open')}</span>
        <span><Keys keys="escape" /> {t('palette.hint.close')}</span>
      </div>
    </Modal>
  );
}

function useSections({ text, mode, onClose, onHelp, go }: PaletteProps & { text: string; go: (path: string) => void }) {
  const t = useT();
  const objects = useObjects();
  const openCreate = useQuickCreate();
  const wanted = text.trim();
  const [asked] = useDebouncedValue(wanted, DELAY_MS);
  const searching = mode === 'search' && asked.length >= SHORTEST;
  const found = useQuery({
    queryKey: keys.search(asked),
    queryFn: ({ signal }) => search({ q: asked, limit: PER_OBJECT }, signal),
    enabled: searching,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const recent = useQuery({ queryKey: keys.recent, queryFn: ({ signal }) => recentRecords(signal), enabled: mode === 'search', staleTime: 5000 });

  const close = (then: () => void) => () => {
    onClose();
    then();
  };
  const commands = useCommands({
    go,
    create: (object) => void openCreate({ object }),
    help: onHelp,
  });

  const entryOf = (row: SearchRow): Entry => {
    const object = objects.find((entry) => entry.name === row.object);
    const href = object ? `/${object.plural}/${row.id}` : undefined;
    return { id: `${row.object}-${row.id}`, label: row.name, facts: row.facts, excerpt: row.excerpt, icon: <ObjectIcon name={object?.icon} color={object?.color} />, href, run: close(() => href && go(href)) };
  };

  const ranked = commands
    .filter((command) => (mode === 'create' ? command.kind === 'create' : true))
    .map((command) => ({ command, score: fuzzyScore(wanted, command.label) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, wanted || mode === 'create' ? (mode === 'create' ? 30 : MOST_COMMANDS) : 30)
    .map(({ command }): Entry => ({ id: command.id, label: command.label, icon: command.icon, run: close(command.run) }));

  const sections: Section[] = [];
  if (mode === 'search' && !wanted && recent.data?.length) sections.push({ label: t('palette.recent'), entries: recent.data.slice(0, 8).map(entryOf) });
  if (searching && wanted) {
    // Customers and sales before people and settings.
    const rank = (name: string) => (objects.some((object) => object.name === name && isNavigable(object)) ? 0 : 1);
    for (const group of [...(found.data?.groups ?? [])].sort((a, b) => rank(a.object) - rank(b.object))) sections.push({ label: group.label, entries: group.rows.slice(0, PER_OBJECT).map(entryOf) });
    if (found.data?.groups.length) {
      sections.push({ label: t('shell.search'), entries: [{ id: 'all', label: t('palette.all', { text: wanted }), icon: <IconSearch size={16} stroke={1.75} />, run: close(() => go(`/search?q=${encodeURIComponent(wanted)}`)) }] });
    }
  }
  if (ranked.length) sections.push({ label: t('palette.commands'), entries: ranked });
  return { sections, wanted, isSearching: searching && found.isFetching, failed: searching && !!found.error };
}
