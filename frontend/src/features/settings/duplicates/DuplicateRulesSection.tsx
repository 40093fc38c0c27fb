import { ActionIcon, Button, Menu, Switch, Textarea } from '@mantine/core';
import { IconDots, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { readRules, removeRule, setSuffixes, switchRule, type DuplicateRule, type DuplicateRules } from '@/api/duplicates';
import { errorMessage } from '@/api/errors';
import { useT } from '@/i18n';
import { useMaybeEntity, useObjects } from '@/metadata';
import { confirm } from '@/ui/confirm';
import { ObjectIcon } from '@/ui/icons';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { describeCondition } from './describe';
import { RuleDialog } from './RuleDialog';

const KEY = ['duplicate-rules'];

/** `/settings/duplicates`: when records count as the same, per object and across objects (CUS-10). */
export default function DuplicateRulesSection() {
  const t = useT();
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => readRules(signal),
    refetchInterval: (query) => (query.state.data?.rows.some((rule) => rule.state === 'publishing') ? 2000 : false),
  });
  const [editing, setEditing] = useState<DuplicateRule | 'new' | null>(null);
  const client = useQueryClient();
  const objects = useObjects();
  const groups = objects.map((object) => ({ object, rules: data?.rows.filter((rule) => rule.base_object === object.name) ?? [] })).filter((group) => group.rules.length);
  return (
    <SectionFrame
      title={t('dedup.title')}
      documentTitle={t('dedup.title')}
      intro={t('dedup.intro')}
      actions={
        <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEditing('new')}>
          {t('dedup.create')}
        </Button>
      }
    >
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={6} height={56} />}
      {groups.map(({ object, rules }) => (
        <Group key={object.name} title={object.label_plural} id={`rules-${object.name}`}>
          <div className={classes.card} style={{ marginTop: 8 }}>
            {rules.map((rule) => (
              <RuleRow key={rule.id} rule={rule} onEdit={() => setEditing(rule)} />
            ))}
          </div>
        </Group>
      ))}
      {data && <Suffixes key={data.suffixes.join()} rules={data} />}
      {editing && (
        <RuleDialog
          rule={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onSaved={() => {
            setEditing(null);
            void client.invalidateQueries({ queryKey: KEY });
          }}
        />
      )}
    </SectionFrame>
  );
}

function RuleRow({ rule, onEdit }: { rule: DuplicateRule; onEdit: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const objects = useObjects();
  const base = useMaybeEntity(rule.base_object);
  const target = useMaybeEntity(rule.matching_object);
  const across = rule.matching_object !== rule.base_object ? objects.find((object) => object.name === rule.matching_object) : null;
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: KEY });
    await client.invalidateQueries({ queryKey: ['metadata'] });
  };
  const onError = (error: unknown) => toast({ kind: 'error', message: errorMessage(error) });
  const turn = useMutation({ mutationFn: (on: boolean) => switchRule(rule.id, on ? 'publish' : 'unpublish'), onSuccess: refresh, onError });
  const remove = useMutation({ mutationFn: () => removeRule(rule.id), onSuccess: refresh, onError });
  const askRemove = async () => {
    if (await confirm({ title: t('dedup.removeTitle', { name: rule.name }), body: t('dedup.removeBody'), confirmLabel: t('ui.delete'), destructive: true })) remove.mutate();
  };
  const facts = [
    ...rule.conditions.map((condition) => describeCondition(t, condition, base, target)),
    rule.blocks && t('dedup.blocks'),
    rule.state === 'publishing' && t('dedup.publishing'),
  ].filter(Boolean);
  return (
    <div className={classes.cardRow}>
      {across && <ObjectIcon name={across.icon} color={across.color} />}
      <div className={classes.grow}>
        <div className="k-truncate">{across ? t('dedup.across', { name: rule.name, objects: across.label_plural }) : rule.name}</div>
        <div className="k-meta">{facts.join(' · ')}</div>
      </div>
      <Switch checked={rule.state !== 'unpublished'} disabled={turn.isPending} aria-label={t('dedup.on', { name: rule.name })} onChange={(event) => turn.mutate(event.currentTarget.checked)} />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={`${t('ui.more')}: ${rule.name}`}>
            <IconDots size={16} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={onEdit}>{t('ui.edit')}</Menu.Item>
          {!rule.delivered && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void askRemove()}>{t('ui.delete')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

/** Legal forms that do not count when company names are compared. */
function Suffixes({ rules }: { rules: DuplicateRules }) {
  const t = useT();
  const client = useQueryClient();
  const before = rules.suffixes.join(', ');
  const [text, setText] = useState(before);
  const save = useMutation({
    mutationFn: (words: string[] | null) => setSuffixes(words),
    onSuccess: (next) => {
      client.setQueryData(KEY, next);
      toast({ kind: 'success', message: t('dedup.suffixesSaved') });
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const words = text.split(/[,\n]/).map((word) => word.trim()).filter(Boolean);
  return (
    <Group title={t('dedup.suffixes')} help={t('dedup.suffixesHelp')} id="suffixes">
      <Textarea aria-label={t('dedup.suffixes')} autosize minRows={2} maxRows={8} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div className={classes.toolbar} style={{ marginTop: 8 }}>
        <Button size="xs" disabled={text === before} loading={save.isPending} onClick={() => save.mutate(words)}>{t('ui.save')}</Button>
        {rules.suffixes_changed && <Button size="xs" variant="default" onClick={() => save.mutate(null)}>{t('dedup.suffixesReset')}</Button>}
      </div>
    </Group>
  );
}
