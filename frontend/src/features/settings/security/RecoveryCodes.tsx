import { Button, CopyButton, Group as Row } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';

import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import classes from '../settings.module.css';
import factor from './secondFactor.module.css';

/** The one sight of the recovery codes: to copy, to download, then gone. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const t = useT();
  const { user, workspace } = useSession();
  const text = [t('factor.fileHead', { email: user.email, workspace: workspace.name }), '', ...codes, ''].join('\n');
  const download = () => {
    const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `${t('factor.file')}-${workspace.slug}.txt`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <>
      <p className={classes.help}>{t('factor.codesHelp')}</p>
      <ul className={factor.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Row gap={8} mt="md">
        <Button variant="default" leftSection={<IconDownload size={16} stroke={1.75} />} onClick={download}>
          {t('factor.download')}
        </Button>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={copied ? <IconCheck size={16} stroke={1.75} /> : <IconCopy size={16} stroke={1.75} />} onClick={copy}>
              {copied ? t('security.copied') : t('security.copy')}
            </Button>
          )}
        </CopyButton>
        <Button ml="auto" onClick={onDone}>{t('factor.kept')}</Button>
      </Row>
    </>
  );
}
