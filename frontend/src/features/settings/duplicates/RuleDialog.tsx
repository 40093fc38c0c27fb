import { ActionIcon, Button, Checkbox, Group, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { changeRule, createRule, switchRule, type Comparison, type DuplicateRule, type RuleBody, type RuleCondition } from '@/api/duplicates';
import { errorMessage } from '@/api/errors';
import { useT, type Key } from '@/i18n';
import { useMaybeEntity, useObjects, type Entity } from '@/metadata';
import classes from './rules.module.css';
import { comparisonsOf } from './describe';

const EMPTY: RuleCondition = { attribute: '', matching_attribute: '', operator: 'same', n: null, ignore_blank: true };
const NEW: RuleBody = { name: '', base_object: 'account', matching_object: 'account', conditions: [EMPTY], case_sensitive: false, exclude_inactive: false, blocks: false };

/** Create a rule, or change one: it is turned off for the change and on again with the new conditions. */
export function RuleDialog({ rule, onClose, onSaved }: { rule: DuplicateRule | null; onClose: () => void; onSaved: () => void }) {
  const t = useT();
  const objects = useObjects().filter((object) => object.group !== 'administration');
  const [values, setValues] = useState<RuleBody>(rule ?? { ...NEW, base_object: objects.some((object) => object.name === 'account') ? 'account' : (objects[0]?.name ?? '') });
  const base = useMaybeEntity(values.base_object);
  const target = useMaybeEntity(values.matching_object);
  const set = (change: Partial<RuleBody>) => setValues({ ...values, ...change });
  const setCondition = (index: number, change: Partial<RuleCondition>) =>
    set({ conditions: values.conditions.map((condition, at) => (at === index ? { ...condition, ...change } : condition)) });
  const same = values.base_object === values.matching_object;
  const complete = values.conditions.length > 0 && values.conditions.every((one) => one.attribute && one.matching_attribute && (!['begins', 'ends'].includes(one.operator) || one.n));
  const save = useMutation({
    mutationFn: async () => {
      const { name, base_object, matching_object, conditions, case_sensitive, exclude_inactive, blocks } = values;
      const body: RuleBody = { name, base_object, matching_object, conditions, case_sensitive, exclude_inactive, blocks };
      if (!rule) return switchRule((await createRule(body)).id, 'publish');
      const on = rule.state !== 'unpublished';
      if (on) await switchRule(rule.id, 'unpublish');
      const changed = await changeRule(rule.id, body);
      return on ? switchRule(rule.id, 'publish') : changed;
    },
    onSuccess: onSaved,
  });
  const choices = objects.map((object) => ({ value: object.name, label: object.label_plural }));
  return (
    <Modal opened onClose={onClose} size={720} title={t(rule ? 'dedup.change' : 'dedup.create')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (complete) save.mutate();
        }}
      >
        <div className={classes.pair}>
          <Select label={t('dedup.base')} data={choices} value={values.base_object} allowDeselect={false} disabled={!!rule} onChange={(name) => name && setValues({ ...values, base_object: name, matching_object: same ? name : values.matching_object, conditions: [EMPTY] })} />
          <Select label={t('dedup.matching')} data={choices} value={values.matching_object} allowDeselect={false} disabled={!!rule} onChange={(name) => name && setValues({ ...values, matching_object: name, conditions: [EMPTY] })} />
        </div>
        <fieldset className={classes.conditions}>
          <legend>{t('dedup.conditions')}</legend>
          {values.conditions.map((condition, index) => (
            <ConditionRow key={index} condition={condition} base={base} target={target} same={same} onChange={(change) => setCondition(index, change)} onRemove={values.conditions.length > 1 ? () => set({ conditions: values.conditions.filter((_one, at) => at !== index) }) : undefined} />
          ))}
          {values.conditions.length < 8 && (
            <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => set({ conditions: [...values.conditions, EMPTY] })}>
              {t('dedup.addCondition')}
            </Button>
          )}
        </fieldset>
        <TextInput label={t('dedup.name')} placeholder={t('dedup.namePlaceholder')} maxLength={160} value={values.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <div className={classes.options}>
          <Checkbox label={t('dedup.blocksLong')} description={t('dedup.blocksHelp')} checked={values.blocks} onChange={(event) => set({ blocks: event.currentTarget.checked })} />
          <Checkbox label={t('dedup.caseSensitive')} checked={values.case_sensitive} onChange={(event) => set({ case_sensitive: event.currentTarget.checked })} />
          <Checkbox label={t('dedup.excludeInactive')} checked={values.exclude_inactive} onChange={(event) => set({ exclude_inactive: event.currentTarget.checked })} />
        </div>
        {save.error && <p className={classes.error} role="alert">{errorMessage(save.error)}</p>}
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" disabled={!complete} loading={save.isPending}>{t(rule ? 'ui.save' : 'dedup.create')}</Button>
        </Group>
      </form>
    </Modal>
  );
}

interface ConditionProps {
  condition: RuleCondition;
  base: Entity | undefined;
  target: Entity | undefined;
  same: boolean;
  onChange: (change: Partial<RuleCondition>) => void;
  onRemove?: () => void;
}

function ConditionRow({ condition, base, target, same, onChange, onRemove }: ConditionProps) {
  const t = useT();
  const fields = (entity: Entity | undefined) => (entity?.attributes ?? []).filter((attribute) => !attribute.system && comparisonsOf(attribute).length).map((attribute) => ({ value: attribute.name, label: attribute.label }));
  const attribute = base?.attributes.find((entry) => entry.name === condition.attribute);
  const comparisons = (attribute ? comparisonsOf(attribute) : ['same']).map((name) => ({ value: name, label: t(`dedup.operator.${name}` as Key, { n: condition.n ?? 'n' }) }));
  const counted = ['begins', 'ends'].includes(condition.operator);
  return (
    <div className={classes.condition}>
      <Select aria-label={t('dedup.field')} placeholder={t('dedup.field')} searchable data={fields(base)} value={condition.attribute || null} onChange={(name) => onChange({ attribute: name ?? '', operator: 'same', n: null, ...(same && { matching_attribute: name ?? '' }) })} />
      <Select aria-label={t('dedup.operator')} data={comparisons} value={condition.operator} allowDeselect={false} onChange={(name) => name && onChange({ operator: name as Comparison, n: ['begins', 'ends'].includes(name) ? (condition.n ?? 4) : null })} />
      {counted && <NumberInput className={classes.count} aria-label={t('dedup.characters')} min={1} max={200} value={condition.n ?? ''} onChange={(value) => onChange({ n: typeof value === 'number' ? value : null })} />}
      {!same && <Select aria-label={t('dedup.matchingField')} placeholder={t('dedup.matchingField')} searchable data={fields(target)} value={condition.matching_attribute || null} onChange={(name) => onChange({ matching_attribute: name ?? '' })} />}
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t('dedup.removeCondition')} onClick={onRemove}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      )}
    </div>
  );
}
