import { Button, CopyButton, Group as Row, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

import { useT } from '@/i18n';
import classes from '../settings.module.css';

/** The one sight of a secret: to copy, then gone. */
export function ShownSecret({ label, secret, onDone }: { label: string; secret: string; onDone: () => void }) {
  const t = useT();
  return (
    <>
      <p className={classes.help}>{t('security.copyNow')}</p>
      <TextInput aria-label={label} readOnly value={secret} data-autofocus onFocus={(event) => event.currentTarget.select()} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
      <Row justify="flex-end" gap={8} mt="lg">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={copied ? <IconCheck size={16} stroke={1.75} /> : <IconCopy size={16} stroke={1.75} />} onClick={copy}>
              {copied ? t('security.copied') : t('security.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t('security.done')}</Button>
      </Row>
    </>
  );
}
