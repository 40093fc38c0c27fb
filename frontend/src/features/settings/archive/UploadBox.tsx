import { Button } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { uploadArchive, type WorkspaceImport } from '@/api/workspaceImport';
import { useT } from '@/i18n';
import classes from './archive.module.css';
import { refusal } from './parts';

/** Choose or drop the zip file. */
export function UploadBox({ again, onDone }: { again: boolean; onDone: (answer: WorkspaceImport) => void }) {
  const t = useT();
  const chooser = useRef<HTMLInputElement>(null);
  const [dragging, setDragging] = useState(false);
  const [percent, setPercent] = useState(0);
  const send = useMutation({ mutationFn: (file: File) => uploadArchive(file, (share) => setPercent(Math.floor(share * 100))), onSuccess: onDone, onError: () => undefined /* said below, no toast */ });
  const read = (file: File | undefined) => {
    if (!file || send.isPending) return;
    setPercent(0);
    send.mutate(file);
  };
  const known = send.error instanceof ApiError && refusal(send.error.code);
  return (
    <>
      {send.error && (
        <div className={classes.alert} role="alert">
          <strong>{t('archive.refused')}</strong>
          <div>{known ? t(known) : errorMessage(send.error)}</div>
        </div>
      )}
      <div
        className={classes.drop}
        data-dragging={dragging || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setDragging(true);
        }}
        onDragLeave={() => setDragging(false)}
        onDrop={(event) => {
          event.preventDefault();
          setDragging(false);
          read(event.dataTransfer.files[0]);
        }}
      >
        <IconUpload size={24} stroke={1.5} aria-hidden style={{ color: 'var(--k-text-3)' }} />
        <input
          ref={chooser}
          type="file"
          accept=".zip"
          hidden
          data-testid="archive-file"
          onChange={(event) => {
            read(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
        <Button loading={send.isPending} onClick={() => chooser.current?.click()}>
          {t(again ? 'archive.other' : 'archive.choose')}
        </Button>
        <span className="k-meta">{send.isPending ? t('archive.uploading', { name: send.variables?.name ?? '', percent }) : t('archive.dropHere')}</span>
      </div>
    </>
  );
}
