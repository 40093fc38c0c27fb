import { IconPaperclip } from '@tabler/icons-react';

import type { StoredFile } from '@/api/types';
import { t } from '@/i18n';
import { formatBytes } from '@/ui/formatting';
import { EmptyMark } from './display';
import classes from './fields.module.css';
import { compareTexts, compareWith } from './values';
import type { DisplayProps, FieldBase } from './types';

/** A stored file as the API delivers it; null for anything else. */
export const asFile = (value: unknown): StoredFile | null => (value && typeof value === 'object' && 'url' in value ? (value as StoredFile) : null);

export function FileLink({ value, line }: DisplayProps & { line?: boolean }) {
  const file = asFile(value);
  if (!file) return line ? null : <EmptyMark />;
  return (
    <a className={`${classes.file} ${classes.link}`} href={file.url} download={file.name} title={file.name} onClick={(event) => event.stopPropagation()}>
      <IconPaperclip size={16} stroke={1.75} aria-hidden />
      <span className="k-truncate">{file.name}</span>
      {!line && <span className="k-meta">{formatBytes(file.size)}</span>}
    </a>
  );
}

/** One uploaded file. */
export const file: FieldBase = {
  Display: FileLink,
  Cell: (props) => <FileLink {...props} line />,
  parse: () => ({ ok: false, message: t('fields.addFile') }),
  format: (value) => asFile(value)?.name ?? '',
  compare: compareWith((value) => asFile(value)?.name ?? null, compareTexts),
  width: 180,
};
