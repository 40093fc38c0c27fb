import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import '@mantine/core/styles/PasswordInput.layer.css';
import { useEffect, useState } from 'react';

import { useT } from '@/i18n';
import type { Session } from '@/metadata';
import { presentSession, signIn } from './signIn';

export interface LoginDialogProps {
  email: string;
  onLoggedIn: (session: Session) => void;
  onGivenUp: () => void;
}

/** The password over the page; another way to log in opens in a tab, and this one notices. */
export default function LoginDialog({ email, onLoggedIn, onGivenUp }: LoginDialogProps) {
  const t = useT();
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  // Logged in meanwhile in another tab (single sign-on, second factor).
  useEffect(() => {
    const check = () => {
      presentSession().then(
        (session) => session && onLoggedIn(session),
        () => setFailure(t('ui.error.network')),
      );
    };
    window.addEventListener('focus', check);
    return () => window.removeEventListener('focus', check);
  }, [onLoggedIn, t]);

  const submit = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const session = await signIn(email, password);
      if (session) onLoggedIn(session);
      else setFailure(t('shell.login.refused'));
    } catch {
      setFailure(t('ui.error.network'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onGivenUp} title={t('shell.login.title')} size={400} centered closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p style={{ margin: '0 0 12px', color: 'var(--k-text-2)' }}>{t('shell.login.body')}</p>
        <TextInput label={t('shell.login.email')} value={email} readOnly autoComplete="username" />
        <PasswordInput mt="sm" label={t('shell.login.password')} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" error={failure} data-autofocus />
        <Button type="submit" fullWidth mt="md" loading={busy} disabled={!password}>
          {t('shell.login.submit')}
        </Button>
        <p style={{ margin: '12px 0 0', textAlign: 'center' }}>
          <a className="k-link" href="/login/" target="_blank" rel="noopener">
            {t('shell.login.otherWay')}
          </a>
        </p>
      </form>
    </Modal>
  );
}
