import { Button, Group } from '@mantine/core';

import { errorMessage } from '@/api';
import { useT } from '@/i18n';
import classes from './members.module.css';

interface Props {
  /** What the button that does it says. */
  label: string;
  failure: unknown;
  disabled: boolean;
  running: boolean;
  onClose: () => void;
}

/** Ends a dialog about lists: what went wrong, cancel, and the button that does it. */
export function DialogEnd({ label, failure, disabled, running, onClose }: Props) {
  const t = useT();
  return (
    <>
      {failure !== null && <p role="alert" className={classes.failure}>{errorMessage(failure)}</p>}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
        <Button type="submit" disabled={disabled} loading={running}>{label}</Button>
      </Group>
    </>
  );
}
