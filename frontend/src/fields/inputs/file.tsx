import { Button, Input as Wrapper } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import { errorMessage } from '@/api/errors';
import { uploadFile } from '@/api/workspace';
import { useT } from '@/i18n';
import classes from '../fields.module.css';
import { asFile, FileLink } from '../file';
import type { InputProps, Inputs } from '../types';
import { frameProps } from './frame';

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

export const file: Inputs = { Input, Filter: () => null };
