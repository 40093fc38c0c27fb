import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import '@mantine/core/styles/PasswordInput.layer.css';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { onSessionExpired } from '@/api/client';
import { ApiError } from '@/api/errors';
import { keys } from '@/api/keys';
import { readSession } from '@/api/workspace';
import { useT } from '@/i18n';
import type { Session } from '@/metadata';
import { signIn } from './signIn';

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Asks for the password where one is, so that nothing typed is lost when a session ends. */
export function LoginDialog() {
  const t = useT();
  const client = useQueryClient();
  const waiting = useRef<Waiting | null>(null);
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const email = client.getQueryData<Session>(keys.session)?.user.email ?? '';

  useEffect(() => {
    onSessionExpired(
      () =>
        new Promise<void>((resolve, reject) => {
          waiting.current = { resolve, reject };
          setPassword('');
          setFailure(null);
          setOpened(true);
        }),
    );
    return () => onSessionExpired(null);
  }, []);

  const finish = (end: (entry: Waiting) => void) => {
    const entry = waiting.current;
    waiting.current = null;
    setOpened(false);
    if (entry) end(entry);
  };

  // Logged in meanwhile in another tab or window (single sign-on, second factor).
  useEffect(() => {
    if (!opened) return;
    const check = () => {
      onSessionExpired(null);
      readSession()
        .then((session) => {
          client.setQueryData(keys.session, session);
          finish((entry) => entry.resolve());
        })
        .catch((error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
        });
    };
    window.addEventListener('focus', check);
    return () => window.removeEventListener('focus', check);
  }, [opened, client]);

  const submit = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const session = await signIn(email, password);
      if (!session) setFailure(t('shell.login.refused'));
      else {
        client.setQueryData(keys.session, session);
        finish((entry) => entry.resolve());
      }
    } catch {
      setFailure(t('ui.error.network'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      opened={opened}
      onClose={() => finish((entry) => entry.reject(new ApiError(401, { code: 'session.expired', message: t('shell.login.givenUp') })))}
      title={t('shell.login.title')}
      size={400}
      centered
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
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
