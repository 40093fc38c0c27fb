/** The whole filter language as a form: groups, negation, attributes of related records, conditions on related records. */
import { ActionIcon, Button, Checkbox, Menu, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { IconDots, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';

import type { Filter, RelatedCount } from '@/api';
import { useT } from '@/i18n';
import { useMaybeEntity, type Attribute, type Entity } from '@/metadata';
import { useRelatedEntities } from '../list/entities';
import { AttributePicker } from './AttributePicker';
import { ConditionEditor } from './ConditionEditor';
import { conditionOn } from './conditionOn';
import { ownerEntity } from './describe';
import { Dropdown } from './Dropdown';
import classes from './filter.module.css';
import { isComplete } from './operators';
import { relationsOf, resolvePath } from './paths';
import { addNode, attributesIn, countConditions, depthOf, filterOf, MAX_CONDITIONS, MAX_DEPTH, newCondition, newGroup, newRelated, removeNode, replaceNode, treeOf, unfinishedIn, wrapNode, type Condition, type Group, type Node, type RelatedCondition } from './tree';

export interface FilterBuilderProps {
  entity: Entity;
  filter: Filter | null;
  /** Called with the filter as far as it is complete, and how many conditions are not. */
  onChange: (filter: Filter | null, unfinished: number) => void;
  /** Over how many relations a condition may reach; none for conditions on the record alone. */
  steps?: number;
}

/** What the names of activities and notes about a record begin with. */
const ABOUT = 'about.';

const filterable = (attribute: Attribute) => attribute.filterable && attribute.operators.length > 0;

/** Edits a filter; unfinished conditions stay in the form and are not applied. */
export function FilterBuilder({ entity, filter, onChange, steps = 2 }: FilterBuilderProps) {
  const t = useT();
  const [tree, setTree] = useState(() => treeOf(filter));
  const change = (next: Group) => {
    setTree(next);
    onChange(filterOf(next), unfinishedIn(next));
  };
  const full = countConditions(tree) >= MAX_CONDITIONS;
  return (
    <div className={classes.builder}>
      <GroupEditor entity={entity} group={tree} root tree={tree} change={change} full={full} level={1} steps={steps} />
      {full && <p className="k-meta">{t('lists.filter.limit', { count: MAX_CONDITIONS })}</p>}
    </div>
  );
}

interface Editing {
  tree: Group;
  change: (tree: Group) => void;
  full: boolean;
  level: number;
  steps: number;
}

function GroupEditor({ entity, group, root, tree, change, full, level, steps }: Editing & { entity: Entity; group: Group; root?: boolean }) {
  const t = useT();
  const { find } = useRelatedEntities(entity, attributesIn(filterOf(newGroup('and', group.children.map((child) => (child.kind === 'condition' ? { ...child, operator: 'empty', value: undefined } : child))))));
  const update = (change_: Partial<Group>) => change(replaceNode(tree, group.key, (node) => ({ ...node, ...change_ }) as Node));
  const editing = { tree, change, full, level: level + 1, steps };
  const room = !full && level + depthOf(newGroup()) < MAX_DEPTH;
  const related = steps > 0 ? relationsOf(entity) : [];
  return (
    <div className={root ? classes.root : classes.group} data-negated={group.negated || undefined}>
      {(group.children.length > 1 || !root) && (
        <div className={classes.groupHead}>
          <SegmentedControl
            size="xs"
            aria-label={t('lists.filter.join')}
            value={group.join}
            onChange={(join) => update({ join: join as Group['join'] })}
            data={[
              { value: 'and', label: t('lists.filter.all') },
              { value: 'or', label: t('lists.filter.any') },
            ]}
          />
          {!root && (
            <>
              <Checkbox size="xs" label={t('lists.filter.not')} checked={group.negated} onChange={(event) => update({ negated: event.currentTarget.checked })} />
              <span style={{ flex: 1 }} />
              <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('lists.filter.removeGroup')} onClick={() => change(removeNode(tree, group.key))}>
                <IconX size={16} stroke={1.75} />
              </ActionIcon>
            </>
          )}
        </div>
      )}
      {group.children.map((child) =>
        child.kind === 'group' ? (
          <GroupEditor key={child.key} entity={entity} group={child} {...editing} />
        ) : child.kind === 'related' ? (
          <RelatedEditor key={child.key} entity={entity} node={child} {...editing} />
        ) : (
          <ConditionRow key={child.key} entity={entity} condition={child} find={find} {...editing} />
        ),
      )}
      <div className={classes.adders}>
        <Button size="xs" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} disabled={full} onClick={() => change(addNode(tree, group.key, newCondition()))}>
          {t('lists.filter.addCondition')}
        </Button>
        <Button size="xs" variant="subtle" color="gray" leftSection={<IconPlus size={16} stroke={1.75} />} disabled={!room} onClick={() => change(addNode(tree, group.key, newGroup(group.join === 'and' ? 'or' : 'and', [newCondition()])))}>
          {t('lists.filter.addGroup')}
        </Button>
        {related.length > 0 && (
          <Button size="xs" variant="subtle" color="gray" leftSection={<IconPlus size={16} stroke={1.75} />} disabled={!room} onClick={() => change(addNode(tree, group.key, newRelated('')))}>
            {t('lists.filter.addRelated')}
          </Button>
        )}
      </div>
    </div>
  );
}

function ConditionRow({ entity, condition, find, tree, change, steps }: Editing & { entity: Entity; condition: Condition; find: (name: string) => Entity | undefined }) {
  const t = useT();
  const [picking, setPicking] = useState(condition.attribute === '');
  const [fresh, setFresh] = useState(false);
  const resolved = condition.attribute ? resolvePath(entity, condition.attribute, find) : undefined;
  const set = (next: Condition) => change(replaceNode(tree, condition.key, () => next));
  const label = resolved?.labels.join(' · ') ?? (condition.attribute ? t('lists.filter.goneName', { name: condition.attribute }) : t('lists.filter.chooseAttribute'));
  return (
    <div className={classes.line} data-incomplete={(condition.attribute && !isComplete(condition)) || undefined}>
      <Dropdown
        opened={picking}
        onClose={() => setPicking(false)}
        label={t('lists.filter.chooseAttribute')}
        width={280}
        target={
          <Button size="sm" variant="default" className={classes.attribute} data-broken={(!resolved && condition.attribute) || undefined} justify="flex-start" onClick={() => setPicking(!picking)} title={label}>
            {label}
          </Button>
        }
      >
        <AttributePicker
          entity={entity}
          allow={filterable}
          steps={steps}
          onPick={(path, attribute) => {
            set({ ...conditionOn(path, attribute), key: condition.key });
            setPicking(false);
            setFresh(true);
          }}
        />
      </Dropdown>
      {resolved && <ConditionEditor attribute={resolved.attribute} owner={ownerEntity(entity, condition.attribute, find)} condition={condition} onChange={set} autoFocus={fresh} />}
      <NodeMenu node={condition} tree={tree} change={change} />
    </div>
  );
}

function RelatedEditor({ entity, node, tree, change, full, level, steps }: Editing & { entity: Entity; node: RelatedCondition }) {
  const t = useT();
  const relations = relationsOf(entity);
  const relationship = relations.find((entry) => entry.name === node.relationship);
  // A related list and the activities about the record may be called the same.
  const labelOf = ({ name, label }: { name: string; label: string }) =>
    name.startsWith(ABOUT) && relations.some((other) => other.name !== name && other.label === label) ? t('lists.filter.aboutRecord', { label }) : label;
  const target = useMaybeEntity(relationship?.object);
  const set = (next: Partial<RelatedCondition>) => change(replaceNode(tree, node.key, () => ({ ...node, ...next })));
  return (
    <div className={classes.group}>
      <div className={classes.groupHead}>
        <Select
          size="xs"
          w={140}
          aria-label={t('lists.filter.exists')}
          allowDeselect={false}
          value={node.count?.operator ?? (node.exists ? 'some' : 'none')}
          onChange={(value) => {
            if (value === 'some' || value === 'none') set({ exists: value === 'some', count: null });
            else if (value) set({ exists: true, count: { operator: value as RelatedCount['operator'], value: node.count?.value ?? 1 } });
          }}
          data={[
            { value: 'some', label: t('lists.filter.has') },
            { value: 'none', label: t('lists.filter.hasNo') },
            ...(['ge', 'le', 'eq'] as const).map((value) => ({ value, label: t(`lists.filter.has.${value}`) })),
            // What only the API says stays as it is.
            ...(node.count && ['gt', 'lt'].includes(node.count.operator) ? [{ value: node.count.operator, label: t(`lists.filter.has.${node.count.operator as 'gt' | 'lt'}`) }] : []),
          ]}
        />
        {node.count && (
          <NumberInput
            size="xs"
            w={64}
            aria-label={t('lists.filter.number')}
            min={0}
            max={10_000}
            allowDecimal={false}
            allowNegative={false}
            hideControls
            value={node.count.value}
            onChange={(value) => typeof value === 'number' && set({ count: { operator: node.count!.operator, value } })}
          />
        )}
        <Select
          size="xs"
          w={200}
          searchable
          allowDeselect={false}
          aria-label={t('lists.filter.relationship')}
          placeholder={t('lists.filter.chooseRelated')}
          value={node.relationship || null}
          onChange={(value) => value && set({ relationship: value, filter: newGroup() })}
          error={!!node.relationship && !relationship}
          data={[
            ...relations.map((entry) => ({ value: entry.name, label: labelOf(entry) })),
            ...(relationship || !node.relationship ? [] : [{ value: node.relationship, label: t('lists.filter.goneName', { name: node.relationship }) }]),
          ]}
        />
        <span style={{ flex: 1 }} />
        <NodeMenu node={node} tree={tree} change={change} />
      </div>
      {target && <GroupEditor entity={target} group={node.filter} root tree={tree} change={change} full={full} level={level + 1} steps={steps} />}
    </div>
  );
}

function NodeMenu({ node, tree, change }: Pick<Editing, 'tree' | 'change'> & { node: Node }) {
  const t = useT();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={28} variant="subtle" color="gray" aria-label={t('lists.filter.more')}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => change(wrapNode(tree, node.key, 'or'))}>{t('lists.filter.wrap')}</Menu.Item>
        <Menu.Item onClick={() => change(replaceNode(tree, node.key, () => ({ ...newGroup('and', [node]), negated: true })))}>{t('lists.filter.negate')}</Menu.Item>
        <Menu.Item leftSection={<IconX size={16} stroke={1.75} />} onClick={() => change(removeNode(tree, node.key))}>
          {t('ui.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
