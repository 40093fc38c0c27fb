import type { TimelinePage } from '@/api';
import { FieldDisplay, isEmpty } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, hasFeature, recordName, stateOf, type Attribute } from '@/metadata';
import { Chip, formatDateTime, formatRelative, Icon, Keys, ObjectIcon } from '@/ui';
import { Button, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCalendarEvent } from '@tabler/icons-react';
import { offeredActions, type ActionRunner } from '../actions';
import { PresenceAvatars } from '../presence/PresenceAvatars';
import classes from './header.module.css';
import { dueOf, nextActivity } from './nextActivity';
import { RecordMenu, type RecordMenuProps } from './RecordMenu';
import { useOpenRecord } from './RecordContext';
import { StagePath } from './StagePath';
import { useNow } from './useNow';

const MOST_FACTS = 7;

export interface RecordHeaderProps extends Omit<RecordMenuProps, 'menu' | 'runner'> {
  runner: ActionRunner;
  timeline: TimelinePage | undefined;
  onPlan: () => void;
  compact?: boolean;
  editing?: boolean;
}

/** Who or what this is: name, state, facts, path, what comes next, and the step the state asks for. */
export function RecordHeader({ runner, timeline, onPlan, compact, editing = false, ...menuProps }: RecordHeaderProps) {
  const t = useT();
  const { entity, record, access } = useOpenRecord();
  const offered = offeredActions(entity, record);
  const state = stateOf(entity, record.state as string | null);
  const hideState = entity.states.length < 2 || (state?.value === 'active' && !state.closed);
  return (
    <header className={classes.header} data-compact={compact || undefined}>
      <div className={classes.top}>
        <ObjectIcon name={entity.icon} color={entity.color} size={28} />
        <h1 className={classes.name} title={recordName(entity, record)}>
          {recordName(entity, record)}
        </h1>
        {state && !hideState && <Chip label={state.label} color={state.color} />}
        <span className={classes.spacer} />
        {!compact && <PresenceAvatars plural={entity.plural} id={record.id} editing={editing} />}
        <div className={classes.actions}>
          {!compact && menuProps.onEdit && (
            <Tooltip label={<Keys keys="e" />}>
              <Button variant="default" onClick={menuProps.onEdit}>
                {t('ui.edit')}
              </Button>
            </Tooltip>
          )}
          {offered.secondary.map((action) => (
            <Button key={action.name} variant="default" loading={runner.running === action.name} leftSection={<Icon name={action.icon} />} onClick={() => runner.start(action)}>
              {action.label}
            </Button>
          ))}
          {offered.primary && (
            <Button loading={runner.running === offered.primary.name} leftSection={<Icon name={offered.primary.icon} />} onClick={() => runner.start(offered.primary!)}>
              {offered.primary.label}
            </Button>
          )}
          <RecordMenu {...menuProps} runner={runner} menu={offered.menu} />
        </div>
      </div>
      <div className={classes.middle}>
        <Facts />
        {hasFeature(entity, 'activities') && !state?.closed && timeline && (access.append_to || timeline.open.length > 0) && <NextActivityLine open={timeline.open} onPlan={onPlan} />}
      </div>
      <div className={classes.path}>
        <StagePath />
      </div>
    </header>
  );
}

function Facts() {
  const { entity, record } = useOpenRecord();
  const names = (entity.forms.main.header ?? []).slice(0, MOST_FACTS);
  const facts = names.map((name) => attributeOf(entity, name)).filter((attribute): attribute is Attribute => !!attribute && attribute.name !== entity.forms.main.path);
  const filled = facts.filter((attribute) => !isEmpty(record[attribute.name]) || record.masked?.includes(attribute.name));
  if (!filled.length) return null;
  return (
    <dl className={classes.facts}>
      {filled.map((attribute) => (
        <div key={attribute.name} className={classes.fact}>
          <dt>{attribute.label}</dt>
          <dd>
            <FieldDisplay attribute={{ ...attribute, states: entity.states }} value={record[attribute.name]} record={record} entity={entity} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The next step with this record; red when there is none or its time has passed (PEERS 5.7). */
function NextActivityLine({ open, onPlan }: { open: TimelinePage['open']; onPlan: () => void }) {
  const t = useT();
  const { item, status } = nextActivity(open, useNow());
  if (!item) {
    return (
      <button type="button" className={classes.next} data-status="missing" onClick={onPlan}>
        <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
        {t('record.next.missing')}
        <span className={classes.plan}>{t('record.next.plan')}</span>
      </button>
    );
  }
  const due = dueOf(item);
  return (
    <button type="button" className={classes.next} data-status={status} onClick={onPlan} title={due ? formatDateTime(due) : undefined}>
      {status === 'late' ? <IconAlertTriangle size={16} stroke={1.75} aria-hidden /> : <IconCalendarEvent size={16} stroke={1.75} aria-hidden />}
      <span className="k-truncate">
        {status === 'late' ? t('record.next.late', { title: item.title ?? '', when: formatRelative(due) }) : t('record.next.planned', { title: item.title ?? '', when: due ? formatRelative(due) : t('record.next.noTime') })}
      </span>
    </button>
  );
}
