import '@mantine/core/styles/PasswordInput.layer.css';

import { Button, CopyButton, Group as Row, Modal, PasswordInput, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { ApiError, errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { beginFactor, confirmFactor, renewCodes, turnFactorOff } from '@/api/secondFactor';
import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { toast } from '@/ui/toast';
import classes from '../settings.module.css';
import { RecoveryCodes } from './RecoveryCodes';
import factor from './secondFactor.module.css';

interface DialogProps {
  onClose: () => void;
}

/** Shown beside the fields. */
const quiet = { onError: () => undefined };

const errorAt = (error: Error | null, field: string, others = false) => {
  const at = error instanceof ApiError ? error.field : null;
  return error && (at === field || (others && at !== 'password' && at !== 'code')) ? errorMessage(error) : undefined;
};

/** Password, then the app's first code, then the recovery codes. */
export function TurnOnDialog({ onClose }: DialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const begin = useMutation({ mutationFn: () => beginFactor(password), ...quiet });
  const confirm = useMutation({
    mutationFn: () => confirmFactor(code),
    onSuccess: async ({ ended }) => {
      toast({ kind: 'success', message: t('factor.turnedOn', { count: ended }) });
      await Promise.all([client.invalidateQueries({ queryKey: keys.ownFactor }), client.invalidateQueries({ queryKey: keys.ownSessions })]);
    },
    ...quiet,
  });
  const begun = begin.data;
  if (confirm.data) return <CodesDialog codes={confirm.data.recovery_codes} onClose={onClose} />;
  return (
    <Frame title={t('factor.setUpTitle')} onClose={onClose}>
      {!begun ? (
        <Form onSubmit={() => begin.mutate()} onClose={onClose} submit={t('factor.continue')} busy={begin.isPending} ready={!!password}>
          <p className={classes.help}>{t('factor.passwordFirst')}</p>
          <Password value={password} onChange={setPassword} error={errorAt(begin.error, 'password', true)} />
        </Form>
      ) : (
        <Form onSubmit={() => confirm.mutate()} onClose={onClose} submit={t('factor.confirm')} busy={confirm.isPending} ready={!!code.trim()}>
          <p className={classes.help}>{t('factor.scan')}</p>
          <img className={factor.picture} src={begun.picture} alt={t('factor.picture')} width={196} height={196} />
          <p className={factor.label}>{t('factor.key')}</p>
          <div className={factor.key}>
            <code>{begun.secret}</code>
            <CopyButton value={begun.secret.replaceAll(' ', '')}>
              {({ copied, copy }) => (
                <Button size="compact-sm" variant="default" leftSection={copied ? <IconCheck size={14} stroke={1.75} /> : <IconCopy size={14} stroke={1.75} />} onClick={copy}>
                  {copied ? t('security.copied') : t('factor.copyKey')}
                </Button>
              )}
            </CopyButton>
          </div>
          <Code label={t('factor.code')} value={code} onChange={setCode} error={errorAt(confirm.error, 'code', true)} focus />
        </Form>
      )}
    </Frame>
  );
}

/** New recovery codes for a code of the app. */
export function RenewCodesDialog({ onClose }: DialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const renew = useMutation({ mutationFn: () => renewCodes(code), onSuccess: () => client.invalidateQueries({ queryKey: keys.ownFactor }), ...quiet });
  if (renew.data) return <CodesDialog codes={renew.data.recovery_codes} onClose={onClose} />;
  return (
    <Frame title={t('factor.newCodes')} onClose={onClose}>
      <Form onSubmit={() => renew.mutate()} onClose={onClose} submit={t('factor.renew')} busy={renew.isPending} ready={!!code.trim()}>
        <p className={classes.help}>{t('factor.renewHelp')}</p>
        <Code label={t('factor.codeOrRecovery')} value={code} onChange={setCode} error={errorAt(renew.error, 'code', true)} focus />
      </Form>
    </Frame>
  );
}

/** Back to the password alone. */
export function TurnOffDialog({ onClose }: DialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const off = useMutation({
    mutationFn: () => turnFactorOff({ password, code }),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('factor.turnedOff') });
      await client.invalidateQueries({ queryKey: keys.ownFactor });
      onClose();
    },
    ...quiet,
  });
  return (
    <Frame title={t('factor.offTitle')} onClose={onClose}>
      <Form onSubmit={() => off.mutate()} onClose={onClose} submit={t('factor.turnOff')} color="red" busy={off.isPending} ready={!!password && !!code.trim()}>
        <p className={classes.help}>{t('factor.offHelp')}</p>
        <Password value={password} onChange={setPassword} error={errorAt(off.error, 'password', true)} />
        <Code label={t('factor.codeOrRecovery')} value={code} onChange={setCode} error={errorAt(off.error, 'code')} />
      </Form>
    </Frame>
  );
}

function CodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const t = useT();
  return (
    // A stray click beside the dialog must not lose the only sight of the codes.
    <Modal opened onClose={onClose} size={440} title={t('factor.codesTitle')} closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <RecoveryCodes codes={codes} onDone={onClose} />
    </Modal>
  );
}

function Frame({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const t = useT();
  return (
    <Modal opened onClose={onClose} size={440} title={title} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {children}
    </Modal>
  );
}

interface FormProps extends DialogProps {
  onSubmit: () => void;
  submit: string;
  busy: boolean;
  ready: boolean;
  color?: string;
  children: ReactNode;
}

function Form({ onSubmit, onClose, submit, busy, ready, color, children }: FormProps) {
  const t = useT();
  const { user } = useSession();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) onSubmit();
      }}
    >
      <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
      {children}
      <Row justify="flex-end" gap={8} mt="lg">
        <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
        <Button type="submit" color={color} loading={busy} disabled={!ready}>{submit}</Button>
      </Row>
    </form>
  );
}

interface InputProps {
  value: string;
  onChange: (value: string) => void;
  error?: string;
}

function Password({ value, onChange, error }: InputProps) {
  const t = useT();
  return <PasswordInput data-autofocus label={t('security.currentPassword')} autoComplete="current-password" value={value} error={error} onChange={(event) => onChange(event.currentTarget.value)} />;
}

function Code({ label, value, onChange, error, focus }: InputProps & { label: string; focus?: boolean }) {
  return (
    <TextInput
      mt="md"
      data-autofocus={focus || undefined}
      autoFocus={focus}
      label={label}
      autoComplete="one-time-code"
      maxLength={40}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
      classNames={{ input: factor.codeInput }}
    />
  );
}
