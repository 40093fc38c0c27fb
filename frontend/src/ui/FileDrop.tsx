import { Button } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';

import classes from './FileDrop.module.css';

interface FileDropProps {
  /** File name endings the chooser offers. */
  accept: string;
  /** A file was chosen or dropped; the same one can be chosen again afterwards. */
  onFile: (file: File) => void;
  testId: string;
  /** The button's words; without them there is none, as while something is sent. */
  choose?: string;
  loading?: boolean;
  label?: string;
  /** What stands above the button, and below it. */
  above?: ReactNode;
  children?: ReactNode;
}

/** A box to choose a file in or drop one onto. */
export function FileDrop({ accept, onFile, testId, choose, loading, label, above, children }: FileDropProps) {
  const chooser = useRef<HTMLInputElement>(null);
  const [dragging, setDragging] = useState(false);
  const take = (file: File | undefined) => file && onFile(file);
  return (
    <section
      className={classes.drop}
      data-dragging={dragging || undefined}
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        take(event.dataTransfer.files[0]);
      }}
    >
      {choose && <IconUpload size={24} stroke={1.5} aria-hidden className={classes.sign} />}
      <input
        ref={chooser}
        type="file"
        accept={accept}
        hidden
        data-testid={testId}
        onChange={(event) => {
          take(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      {above}
      {choose && (
        <Button loading={loading} onClick={() => chooser.current?.click()}>
          {choose}
        </Button>
      )}
      {children}
    </section>
  );
}
