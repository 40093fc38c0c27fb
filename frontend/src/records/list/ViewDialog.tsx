import { Button, Group, Modal, MultiSelect, Radio, Stack, TextInput } from '@mantine/core';
import '@mantine/core/styles/Radio.layer.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { keys, listRecords } from '@/api';
import type { ViewBody } from '@/api/workspace';
import { useT } from '@/i18n';
import { useObjects } from '@/metadata';

export type Audience = Required<Pick<ViewBody, 'shared_with'>> & Pick<ViewBody, 'teams'>;
const AUDIENCES = ['me', 'teams', 'everyone'] as const;
const MOST_TEAMS = 500;

export interface ViewDialogProps {
  title: string;
  initial: string;
  /** Who sees it now. */
  audience?: Audience;
  onSave: (answer: { name: string } & Audience) => Promise<unknown>;
  onClose: () => void;
}

/** Name a view and say who sees it. */
export default function ViewDialog({ title, initial, audience, onSave, onClose }: ViewDialogProps) {
  const t = useT();
  const mayReadTeams = useObjects().some((object) => object.name === 'team' && object.privileges.read);
  const query = { fields: ['name'], order: ['name'], limit: MOST_TEAMS };
  const { data } = useQuery({ queryKey: keys.list('teams', query), queryFn: ({ signal }) => listRecords('teams', query, signal), enabled: mayReadTeams });
  const [name, setName] = useState(initial);
  const [shared, setShared] = useState<Audience['shared_with']>(audience?.shared_with ?? 'me');
  const [teams, setTeams] = useState(audience?.teams ?? []);
  const [saving, setSaving] = useState(false);
  const known = (data?.rows ?? []).map((row) => ({ value: row.id, label: String(row.name ?? '') }));
  const gone = shared === 'teams' && data ? teams.filter((id) => !known.some((team) => team.value === id)) : [];
  const offered = AUDIENCES.filter((entry) => entry !== 'teams' || known.length > 0 || shared === 'teams');
  return (
    <Modal opened onClose={onClose} title={title} size={420} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setSaving(true);
          const chosen = shared === 'teams' ? { shared_with: shared, teams: teams.filter((id) => !gone.includes(id)) } : { shared_with: shared };
          // The mutation has already told what went wrong; the dialog stays open with the name.
          onSave({ name: name.trim(), ...chosen }).catch(() => setSaving(false));
        }}
      >
        <Stack gap={16}>
          <TextInput label={t('lists.view.name')} value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} data-autofocus required withAsterisk={false} />
          <Radio.Group label={t('lists.view.who')} value={shared} onChange={(value) => setShared(value as Audience['shared_with'])}>
            <Stack gap={8} mt={4}>
              {offered.map((entry) => (
                <Radio key={entry} size="sm" value={entry} label={t(({ me: 'lists.view.onlyMe', teams: 'lists.view.teams', everyone: 'lists.view.everyone' } as const)[entry])} />
              ))}
            </Stack>
          </Radio.Group>
          {shared === 'teams' && <MultiSelect searchable label={t('lists.view.whichTeams')} data={known} value={teams.filter((id) => !gone.includes(id))} onChange={setTeams} maxValues={50} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button type="submit" loading={saving} disabled={!name.trim() || (shared === 'teams' && teams.length === gone.length)}>
              {t('lists.view.saveNamed')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
