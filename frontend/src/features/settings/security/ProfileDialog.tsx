import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { createFieldProfile, deleteFieldProfile, FIELD_RIGHTS, updateFieldProfile, type FieldProfile } from '@/api/security';
import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';
import { toast } from '@/ui/toast';
import { PrincipalList } from '../people/PrincipalList';
import classes from '../settings.module.css';
import { FIELD_SECURITY_KEY, toggledRights, type SecuredField } from './secured';

/** One profile: which secured fields it opens how far, and for whom. */
export function ProfileDialog({ profile, fields, onClose }: { profile: FieldProfile | null; fields: SecuredField[]; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState(profile?.name ?? '');
  const [rights, setRights] = useState(profile?.rights ?? {});
  const [members, setMembers] = useState(profile?.members ?? []);
  const done = async () => {
    await client.invalidateQueries({ queryKey: FIELD_SECURITY_KEY });
    onClose();
  };
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), rights, members: members.map(({ object, id }) => ({ object, id })) };
      return profile ? updateFieldProfile(profile.id, body) : createFieldProfile(body);
    },
    onSuccess: async () => {
      toast({ kind: 'success', message: t('fields.saved') });
      await done();
    },
  });
  const drop = async () => {
    if (!(await confirm({ title: t('fields.delete'), body: t('fields.deleteBody'), confirmLabel: t('fields.delete'), destructive: true }))) return;
    await deleteFieldProfile(profile!.id);
    toast({ message: t('fields.deleted', { name: profile!.name }) });
    await done();
  };
  return (
    <Modal opened onClose={onClose} title={profile?.name ?? t('fields.newProfile')} size={560} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save.mutate();
        }}
      >
        <TextInput label={t('fields.profileName')} value={name} maxLength={100} data-autofocus={!profile || undefined} onChange={(event) => setName(event.currentTarget.value)} />
        <div style={{ margin: '12px 0' }}>
          {fields.map((field) => (
            <div key={field.path} className={classes.fieldRight} role="group" aria-label={`${field.object}: ${field.label}`}>
              <span className={classes.grow}>
                <span style={{ display: 'block' }}>{field.label}</span>
                <span className="k-meta">{field.object}</span>
              </span>
              {FIELD_RIGHTS.map((right) => (
                <Checkbox
                  key={right}
                  size="xs"
                  label={t(`fields.right.${right}`)}
                  checked={(rights[field.path] ?? []).includes(right)}
                  onChange={(event) => setRights({ ...rights, [field.path]: toggledRights(rights[field.path] ?? [], right, event.currentTarget.checked) })}
                />
              ))}
            </div>
          ))}
        </div>
        <h4 className={classes.subTitle}>{t('fields.members')}</h4>
        <PrincipalList value={members} onChange={setMembers} targets={['user', 'team']} add="fields.addMember" none="fields.noMembers" remove="fields.remove" />
        {save.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(save.error)}</p>}
        <Group justify="space-between" gap={8} mt="lg">
          {profile ? (
            <Button variant="subtle" color="red" onClick={() => void drop()}>
              {t('fields.delete')}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
            {t('fields.save')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
