import { Checkbox, Textarea, TextInput } from '@mantine/core';

import type { AppFacts } from '@/api/apps';
import { ApiError } from '@/api/errors';
import type { Ref } from '@/api/types';
import { LookupPicker } from '@/fields';
import { useT } from '@/i18n';

/** An app as the form holds it: addresses as typed, one a line; the service user with his name. */
export interface AppDraft {
  name: string;
  publisher: string;
  addresses: string;
  mayWrite: boolean;
  service: Ref | null;
}

export const EMPTY: AppDraft = { name: '', publisher: '', addresses: '', mayWrite: true, service: null };

export const toFacts = (draft: AppDraft): AppFacts => ({
  name: draft.name.trim(),
  publisher: draft.publisher.trim(),
  redirect_uris: draft.addresses.split('\n').map((line) => line.trim()).filter(Boolean),
  may_write: draft.mayWrite,
  service_user: draft.service?.id ?? null,
});

/** The message of the server for a field; that of a list stands at the list. */
const problemAt = (error: unknown, field: string): string | undefined =>
  error instanceof ApiError ? error.fieldErrors.find((entry) => entry.field === field || entry.field?.startsWith(`${field}.`))?.message : undefined;

/** Whether one of the fields shows the error. */
export const isAtField = (error: unknown): boolean => ['name', 'publisher', 'redirect_uris', 'service_user'].some((field) => problemAt(error, field));

/** What an administrator says of an app. */
export function AppFields({ draft, confidential, error, onChange }: { draft: AppDraft; confidential: boolean; error: unknown; onChange: (draft: AppDraft) => void }) {
  const t = useT();
  return (
    <>
      <TextInput data-autofocus required label={t('apps.name')} description={t('apps.nameHelp')} maxLength={100} value={draft.name} error={problemAt(error, 'name')} onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })} />
      <TextInput label={t('apps.publisher')} description={t('apps.publisherHelp')} maxLength={100} value={draft.publisher} error={problemAt(error, 'publisher')} onChange={(event) => onChange({ ...draft, publisher: event.currentTarget.value })} />
      <Textarea autosize minRows={2} maxRows={6} label={t('apps.addresses')} description={t('apps.addressesHelp')} placeholder="https://app.example.com/callback" spellCheck={false} autoCapitalize="none" value={draft.addresses} error={problemAt(error, 'redirect_uris')} onChange={(event) => onChange({ ...draft, addresses: event.currentTarget.value })} />
      <Checkbox label={t('apps.mayWrite')} description={t('apps.mayWriteHelp')} checked={draft.mayWrite} onChange={(event) => onChange({ ...draft, mayWrite: event.currentTarget.checked })} />
      {confidential && (
        <LookupPicker label={t('apps.service')} frame={{ label: t('apps.service'), description: t('apps.serviceHelp'), size: 'sm', error: problemAt(error, 'service_user') }} targets={['user']} value={draft.service} onChange={(service) => onChange({ ...draft, service })} />
      )}
    </>
  );
}
