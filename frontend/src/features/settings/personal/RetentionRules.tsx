import { Button, Modal, NativeSelect, NumberInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { createRetentionRule, deleteRetentionRule, listRetentionRules, previewRetention, type RetentionBody, type RetentionObject } from '@/api/personal';
import { useT } from '@/i18n';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';

const KEY = ['retention-rules'];

/** Who is erased by night because nobody touched him for so long (CUS-15.8). */
export function RetentionRules() {
  const t = useT();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => listRetentionRules(signal), staleTime: 0 });
  const drop = useMutation({
    mutationFn: deleteRetentionRule,
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
    onError: (problem) => toast({ kind: 'error', message: errorMessage(problem) }),
  });
  const label = (name: string) => data?.objects.find((entry) => entry.name === name);
  return (
    <Group title={t('personal.retention')} help={t('personal.retentionHelp')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} height={40} />}
      {!!data?.rows.length && (
        <div className={classes.card}>
          {data.rows.map((rule) => {
            const object = label(rule.object);
            const state = object?.states.find((entry) => entry.value === rule.state)?.label;
            return (
              <div key={rule.id} className={classes.cardRow}>
                <span className={classes.grow}>
                  <span style={{ display: 'block' }}>
                    {t('personal.retention.rule', { object: object?.label ?? rule.object, state: state ?? t('personal.retention.anyState'), months: rule.months })}
                  </span>
                  <span className="k-meta">{t('personal.retention.due', { count: rule.due })}</span>
                </span>
                <Button variant="default" size="compact-sm" loading={drop.isPending && drop.variables === rule.id} onClick={() => drop.mutate(rule.id)}>
                  {t('personal.retention.delete')}
                </Button>
              </div>
            );
          })}
        </div>
      )}
      {data && (
        <Button mt="md" variant="default" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setAdding(true)}>
          {t('personal.retention.add')}
        </Button>
      )}
      {adding && data && <RuleDialog objects={data.objects} onClose={() => setAdding(false)} />}
    </Group>
  );
}

function RuleDialog({ objects, onClose }: { objects: RetentionObject[]; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [body, setBody] = useState<RetentionBody>({ object: objects.at(-1)?.name ?? '', state: objects.at(-1)?.states.at(-1)?.value ?? null, months: 24 });
  const object = objects.find((entry) => entry.name === body.object);
  const counted = useQuery({ queryKey: [...KEY, 'preview', body], queryFn: () => previewRetention(body), staleTime: 0 });
  const save = useMutation({
    mutationFn: () => createRetentionRule(body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: KEY });
      onClose();
    },
    onError: (problem) => toast({ kind: 'error', message: errorMessage(problem) }),
  });
  return (
    <Modal opened onClose={onClose} title={t('personal.retention.add')} size={420} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <NativeSelect
        label={t('personal.retention.object')}
        value={body.object}
        data={objects.map((entry) => ({ value: entry.name, label: entry.label }))}
        onChange={(event) => setBody({ ...body, object: event.currentTarget.value, state: null })}
      />
      <NativeSelect
        mt="sm"
        label={t('personal.retention.state')}
        value={body.state ?? ''}
        data={[{ value: '', label: t('personal.retention.anyState') }, ...(object?.states ?? [])]}
        onChange={(event) => setBody({ ...body, state: event.currentTarget.value || null })}
      />
      <NumberInput
        mt="sm"
        label={t('personal.retention.months')}
        description={t('personal.retention.monthsHelp')}
        min={1}
        max={240}
        allowDecimal={false}
        value={body.months}
        onChange={(value) => typeof value === 'number' && value >= 1 && value <= 240 && setBody({ ...body, months: value })}
      />
      <p className="k-meta" role="status" style={{ margin: '12px 0 0' }}>
        {counted.data ? t('personal.retention.due', { count: counted.data.due }) : ' '}
      </p>
      <Button mt="md" fullWidth color="red" loading={save.isPending} onClick={() => save.mutate()}>
        {t('personal.retention.save')}
      </Button>
    </Modal>
  );
}
