import { createRecord, errorMessage, uploadFile, type Ref } from '@/api';
import { FieldInput, isEmpty } from '@/fields';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { formatBytes, Keys, useShortcut, useTypingHold } from '@/ui';
import { ActionIcon, Button } from '@mantine/core';
import { IconPaperclip, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import { draftKey, dropDraft, keepDraft, readDraft } from '../form/drafts';
import { FormAlert } from '../form/FormRenderer';
import { refreshRecord } from '../record/cache';
import { useOpenRecord } from '../record/RecordContext';
import classes from './timeline.module.css';

const DRAFT_DELAY_MS = 300;

/** Write a note with files; what is typed is kept until it is saved. */
export function NoteComposer({ regarding, onDone }: { regarding: Ref; onDone: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const session = useSession();
  const { entity } = useOpenRecord();
  const key = draftKey({ workspace: session.workspace.slug, user: session.user.id }, `note:${regarding.object}:${regarding.id}`);
  const [body, setBody] = useState<unknown>(() => readDraft<string>(key)?.value ?? '');
  const [files, setFiles] = useState<File[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [dropping, setDropping] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const saved = useRef(false);
  useTypingHold();

  useEffect(() => {
    if (saved.current) return;
    const timer = setTimeout(() => (isEmpty(body) ? dropDraft(key) : keepDraft(key, body)), DRAFT_DELAY_MS);
    return () => clearTimeout(timer);
  }, [body, key]);

  const add = (list: FileList | null) => setFiles((before) => [...before, ...(list ?? [])]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    add(event.dataTransfer.files);
  };

  const save = async () => {
    if (busy || (isEmpty(body) && !files.length)) return;
    setBusy(true);
    setError(null);
    const target = { object: regarding.object, id: regarding.id };
    const left = [...files];
    try {
      // A note holds one file: the first goes with the text, each other one becomes a note of its own.
      for (let first = true; first || left.length; first = false) {
        const file = left[0];
        const attachment = file ? (await uploadFile(file)).id : null;
        await createRecord('notes', { regarding: target, ...(first && !isEmpty(body) ? { body } : { title: file?.name }), ...(attachment ? { attachment } : {}) });
        left.shift();
        if (first) {
          setBody('');
          dropDraft(key);
        }
        setFiles([...left]);
      }
      saved.current = true;
      dropDraft(key);
      refreshRecord(client, entity.plural, regarding.id);
      onDone();
    } catch (failure) {
      setError(errorMessage(failure));
      setBusy(false);
      refreshRecord(client, entity.plural, regarding.id);
    }
  };
  useShortcut('mod+enter', () => void save(), { inInputs: true });

  return (
    <div
      className={classes.compose}
      data-dropping={dropping || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={drop}
    >
      <FieldInput attribute={{ name: 'body', label: t('record.composer.note'), type: 'memo', format: 'rich' }} value={body} onChange={setBody} variant="inline" autoFocus disabled={busy} />
      {files.map((file, index) => (
        <div key={`${file.name}${index}`} className={classes.file}>
          <IconPaperclip size={16} stroke={1.75} aria-hidden />
          <span className="k-truncate">{file.name}</span>
          <span className="k-meta">{formatBytes(file.size)}</span>
          <ActionIcon variant="subtle" color="gray" size={24} disabled={busy} aria-label={t('fields.remove', { name: file.name })} onClick={() => setFiles(files.filter((_, at) => at !== index))}>
            <IconX size={16} stroke={1.75} />
          </ActionIcon>
        </div>
      ))}
      {error && <FormAlert messages={[error]} />}
      <div className={classes.composeBar}>
        <input ref={chooser} type="file" multiple hidden onChange={(event) => add(event.currentTarget.files)} />
        <Button variant="subtle" color="gray" leftSection={<IconPaperclip size={16} stroke={1.75} />} disabled={busy} onClick={() => chooser.current?.click()}>
          {t('record.composer.attach')}
        </Button>
        <span className={classes.spacer} />
        <Button variant="default" disabled={busy} onClick={onDone}>
          {t('ui.close')}
        </Button>
        <Button loading={busy} disabled={isEmpty(body) && !files.length} rightSection={<Keys keys="mod+enter" />} onClick={() => void save()}>
          {t('record.composer.saveNote')}
        </Button>
      </div>
    </div>
  );
}
