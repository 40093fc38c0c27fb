import { Button, Modal, NativeSelect } from '@mantine/core';
import { IconChevronRight, IconLock, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { readFieldSecurity, secureFields, type FieldProfile, type SecurableObject } from '@/api/security';
import { useT } from '@/i18n';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { NotInPlan } from '../NotInPlan';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { ProfileDialog } from './ProfileDialog';
import { FIELD_SECURITY_KEY, followingFields, securedFields } from './secured';

/** Which fields are secured, and the profiles that open them (PLT-41). */
export default function FieldSecuritySection() {
  const t = useT();
  const [open, setOpen] = useState<FieldProfile | 'new' | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: FIELD_SECURITY_KEY, queryFn: ({ signal }) => readFieldSecurity(signal) });
  const secured = data ? securedFields(data.objects) : [];
  return (
    <SectionFrame title={t('fields.title')} documentTitle={t('fields.title')} intro={t('fields.intro')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={6} height={40} />}
      {data && <SecuredFields objects={data.objects} allowed={data.allowed} />}
      {data && (
        <Group title={t('fields.profiles')} help={t('fields.profilesHelp')}>
          {!data.profiles.length && <p className="k-meta">{t(secured.length ? 'fields.noProfiles' : 'fields.noSecuredYet')}</p>}
          {data.profiles.length > 0 && (
            <div className={classes.card}>
              {data.profiles.map((profile) => (
                <button key={profile.id} type="button" className={`${classes.cardRow} ${classes.rowButton}`} onClick={() => setOpen(profile)}>
                  <IconLock size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
                  <span className={classes.grow}>
                    <span style={{ display: 'block' }}>{profile.name}</span>
                    <span className="k-meta">{t('fields.summary', { fields: Object.keys(profile.rights).length, members: profile.members.length })}</span>
                  </span>
                  <IconChevronRight size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
                </button>
              ))}
            </div>
          )}
          <Button mt="md" variant="default" leftSection={<IconPlus size={16} stroke={1.75} />} disabled={!secured.length || !data.allowed} onClick={() => setOpen('new')}>
            {t('fields.newProfile')}
          </Button>
        </Group>
      )}
      {open && <ProfileDialog profile={open === 'new' ? null : open} fields={secured} onClose={() => setOpen(null)} />}
    </SectionFrame>
  );
}

function SecuredFields({ objects, allowed }: { objects: SecurableObject[]; allowed: boolean }) {
  const t = useT();
  const [adding, setAdding] = useState(false);
  const secure = useSecure();
  const secured = securedFields(objects);
  const following = followingFields(objects);
  return (
    <Group title={t('fields.secured')} help={t('fields.securedHelp')}>
      {!secured.length && <p className="k-meta">{t('fields.noneSecured')}</p>}
      {secured.length > 0 && (
        <div className={classes.card}>
          {secured.map((field) => (
            <div key={field.path} className={classes.cardRow}>
              <span className={classes.grow}>
                <span style={{ display: 'block' }}>{field.label}</span>
                <span className="k-meta">{field.object}</span>
              </span>
              <Button variant="default" size="compact-sm" loading={secure.isPending && secure.variables?.path === field.path} onClick={() => secure.mutate({ ...field, secured: false })}>
                {t('fields.open')}
              </Button>
            </div>
          ))}
        </div>
      )}
      {following.length > 0 && (
        <>
          <p className="k-meta" style={{ margin: '16px 0 8px' }}>
            {t('fields.following')}
          </p>
          <div className={classes.card}>
            {following.map((field) => (
              <div key={field.path} className={classes.cardRow}>
                <span className={classes.grow}>
                  <span style={{ display: 'block' }}>{field.label}</span>
                  <span className="k-meta">{t('fields.because', { object: field.object, fields: field.because.join(', ') })}</span>
                </span>
              </div>
            ))}
          </div>
        </>
      )}
      {allowed ? (
        <Button mt="md" variant="default" leftSection={<IconLock size={16} stroke={1.75} />} onClick={() => setAdding(true)}>
          {t('fields.secure')}
        </Button>
      ) : (
        <NotInPlan text={t('fields.notInPlan')} />
      )}
      {adding && <SecureDialog objects={objects} onClose={() => setAdding(false)} />}
    </Group>
  );
}

function useSecure(done?: () => void) {
  const t = useT();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, secured }: { path: string; label: string; secured: boolean }) => secureFields({ [path]: secured }),
    onSuccess: async (_answer, { label, secured }) => {
      toast({ kind: 'success', message: t(secured ? 'fields.securedToast' : 'fields.opened', { field: label }) });
      // what is masked, found and offered changes everywhere
      await client.invalidateQueries();
      done?.();
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
}

function SecureDialog({ objects, onClose }: { objects: SecurableObject[]; onClose: () => void }) {
  const t = useT();
  const secure = useSecure(onClose);
  const usable = objects.filter((object) => object.attributes.some((field) => !field.secured));
  const [object, setObject] = useState(usable.find((entry) => entry.name === 'contact')?.name ?? usable[0]?.name ?? '');
  const fields = (usable.find((entry) => entry.name === object)?.attributes ?? []).filter((field) => !field.secured).sort((a, b) => a.label.localeCompare(b.label));
  const [chosen, setChosen] = useState('');
  const field = fields.find((entry) => entry.name === chosen) ?? fields[0];
  return (
    <Modal opened onClose={onClose} title={t('fields.secure')} size={400} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <NativeSelect label={t('fields.object')} value={object} data={usable.map((entry) => ({ value: entry.name, label: entry.label }))} onChange={(event) => setObject(event.currentTarget.value)} />
      <NativeSelect mt="sm" label={t('fields.field')} value={field?.name ?? ''} data={fields.map((entry) => ({ value: entry.name, label: entry.label }))} onChange={(event) => setChosen(event.currentTarget.value)} />
      <Button mt="md" fullWidth disabled={!field} loading={secure.isPending} onClick={() => field && secure.mutate({ path: `${object}.${field.name}`, label: field.label, secured: true })}>
        {t('fields.add')}
      </Button>
    </Modal>
  );
}
