import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { uploadArchive, type WorkspaceImport } from '@/api/workspaceImport';
import { useT } from '@/i18n';
import { FileDrop } from '@/ui/FileDrop';
import classes from './archive.module.css';
import { refusal } from './parts';

/** Choose or drop the zip file. */
export function UploadBox({ again, onDone }: { again: boolean; onDone: (answer: WorkspaceImport) => void }) {
  const t = useT();
  const [percent, setPercent] = useState(0);
  const send = useMutation({ mutationFn: (file: File) => uploadArchive(file, (share) => setPercent(Math.floor(share * 100))), onSuccess: onDone, onError: () => undefined /* said below, no toast */ });
  const read = (file: File) => {
    if (send.isPending) return;
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
      <FileDrop accept=".zip" testId="archive-file" onFile={read} choose={t(again ? 'archive.other' : 'archive.choose')} loading={send.isPending}>
        <span className="k-meta">{send.isPending ? t('archive.uploading', { name: send.variables?.name ?? '', percent }) : t('archive.dropHere')}</span>
      </FileDrop>
    </>
  );
}
