import type { Ref } from '@/api';
import { useT } from '@/i18n';
import { hasFeature, useObjects } from '@/metadata';
import { Opening, SkeletonBar } from '@/ui';
import { createElement, Suspense } from 'react';
import { useOpenRecord } from '../record/RecordContext';
import { ActivityComposer } from './ActivityComposer';
import { kindIcon } from './kinds';
import { NoteComposer } from './NoteComposer';
import classes from './timeline.module.css';

/** Kinds of entry that can be written in place, in this order. */
const WRITABLE = ['phone_call', 'task', 'appointment'] as const;
export type ComposerTab = 'note' | (typeof WRITABLE)[number];

export interface ComposerProps {
  regarding: Ref;
  tab: ComposerTab | null;
  onTab: (tab: ComposerTab | null) => void;
}

/** Write a note, log a call, plan a task or an appointment without leaving the record. */
export function Composer({ regarding, tab, onTab }: ComposerProps) {
  const t = useT();
  const { entity } = useOpenRecord();
  const objects = useObjects();
  const creatable = (name: string) => objects.find((object) => object.name === name && object.privileges.create);
  const tabs: { key: ComposerTab; label: string }[] = [];
  if (hasFeature(entity, 'notes') && creatable('note')) tabs.push({ key: 'note', label: t('record.composer.note') });
  if (hasFeature(entity, 'activities')) {
    for (const name of WRITABLE) {
      const object = creatable(name);
      if (object) tabs.push({ key: name, label: object.label });
    }
  }
  if (!tabs.length) return null;
  const open = tabs.find((entry) => entry.key === tab)?.key ?? null;
  const close = () => onTab(null);
  return (
    <section className={classes.composer} data-open={open ? true : undefined} aria-label={t('record.composer.label')}>
      <div className={classes.composerTabs} role="tablist">
        {tabs.map((entry) => (
          <button key={entry.key} type="button" role="tab" aria-selected={open === entry.key} className={classes.composerTab} onClick={() => onTab(open === entry.key ? null : entry.key)}>
            {createElement(kindIcon(entry.key), { size: 16, stroke: 1.75, 'aria-hidden': true })}
            {entry.label}
          </button>
        ))}
      </div>
      {open === 'note' ? (
        <NoteComposer regarding={regarding} onDone={close} />
      ) : open ? (
        <Suspense fallback={<><Opening /><SkeletonBar width="60%" height={32} /></>}>
          <ActivityComposer key={open} object={open} regarding={regarding} onDone={close} />
        </Suspense>
      ) : (
        tabs.some((entry) => entry.key === 'note') && (
          <button type="button" className={classes.prompt} onClick={() => onTab('note')}>
            {t('record.composer.prompt')}
          </button>
        )
      )}
    </section>
  );
}
