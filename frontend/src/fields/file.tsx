import { Button, Input as Wrapper } from '@mantine/core';
import { IconPaperclip, IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import { errorMessage } from '@/api/errors';
import type { StoredFile } from '@/api/types';
import { uploadFile } from '@/api/workspace';
import { t, useT } from '@/i18n';
import { formatBytes } from '@/ui/formatting';
import { EmptyMark, frameProps } from './frame';
import classes from './fields.module.css';
import { compareTexts, compareWith } from './values';
import type { DisplayProps, FieldType, InputProps } from './types';

const asFile = (value: unknown): StoredFile | null => (value && typeof value === 'object' && 'url' in value ? (value as StoredFile) : null);

function FileLink({ value, line }: DisplayProps & { line?: boolean }) {
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

function Input(props: InputProps) {
  const translate = useT();
  const chooser = useRef<HTMLInputElement>(null);
  const [uploading, setUploading] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const frame = frameProps(props);
  const file = asFile(props.value);

  const upload = async (chosen: File) => {
    setUploading(chosen.name);
    setFailure(null);
    try {
      props.onChange(await uploadFile(chosen));
    } catch (error) {
      setFailure(errorMessage(error));
    } finally {
      setUploading(null);
    }
  };

  return (
    <Wrapper.Wrapper label={frame.label} description={frame.description} error={failure ?? frame.error} withAsterisk={frame.withAsterisk} size="sm" labelElement="div">
      <div className={classes.file}>
        {file && <FileLink attribute={props.attribute} value={file} />}
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label={props.attribute.label}
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            if (chosen) void upload(chosen);
            event.currentTarget.value = '';
          }}
        />
        <Button size="xs" variant="default" disabled={props.disabled} loading={!!uploading} leftSection={<IconUpload size={16} stroke={1.75} />} onClick={() => chooser.current?.click()}>
          {uploading ? translate('fields.uploading', { name: uploading }) : translate('fields.addFile')}
        </Button>
        {file && !props.disabled && (
          <Button size="xs" variant="subtle" color="gray" onClick={() => props.onChange(null)}>
            {translate('ui.remove')}
          </Button>
        )}
      </div>
    </Wrapper.Wrapper>
  );
}

/** One uploaded file. */
export const file: FieldType = {
  Display: FileLink,
  Cell: (props) => <FileLink {...props} line />,
  Input,
  Filter: () => null,
  parse: () => ({ ok: false, message: t('fields.addFile') }),
  format: (value) => asFile(value)?.name ?? '',
  compare: compareWith((value) => asFile(value)?.name ?? null, compareTexts),
  width: 180,
};
