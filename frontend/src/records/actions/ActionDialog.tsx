import { ApiError, runAction, type ActionAnswer, type DuplicateMatch, type FullRecord } from '@/api';
import { FieldInput } from '@/fields';
import { useT } from '@/i18n';
import { recordName, stateOf, type Action, type Entity } from '@/metadata';
import { today } from '@/ui';
import { Button, Group, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DuplicateList } from '../duplicates/DuplicateList';
import { formErrors, NO_ERRORS } from '../form/errors';
import { FormAlert } from '../form/FormRenderer';
import { afterWrite, refreshRecord } from '../record/cache';
import { useAnnounceAction } from './announce';
import classes from './actions.module.css';
import { parameterAttributes, parameterBody, parameterErrors, startValues } from './parameters';
import { RightsInput } from './RightsInput';

export interface ActionDialogProps {
  entity: Entity;
  /** The record the action runs on. */
  record: FullRecord;
  action: Action;
  onClose: () => void;
  onDone?: (answer: ActionAnswer) => void;
}

/** Parameters an action takes to go on although the server found something in the way, by error code. */
const OVERRIDES: Record<string, string[]> = {
  'record.duplicates_found': ['allow_duplicates', 'ignore_duplicates'],
  'opportunity.active_quotes': ['close_quotes'],
};

/** A dialog made from an action's parameters: runs it, shows what the server refused and what can be done about it. */
export function ActionDialog({ entity, record, action, onClose, onDone }: ActionDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const announceAction = useAnnounceAction();
  const attributes = parameterAttributes(entity, action, record);
  const [values, setValues] = useState(() => startValues(entity, action, record, today()));
  const [errors, setErrors] = useState(NO_ERRORS);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  const run = async (more: Record<string, unknown> = {}) => {
    const refused = parameterErrors(attributes, values);
    if (Object.keys(refused).length) return setErrors({ ...NO_ERRORS, fields: refused });
    setBusy(true);
    setErrors(NO_ERRORS);
    setFailure(null);
    try {
      const answer = await runAction(entity.plural, record.id, action.name, { ...parameterBody(attributes, values), ...more }, { ifMatch: record.version });
      if (answer.record) afterWrite(client, entity.plural, answer.record);
      refreshRecord(client, entity.plural, record.id);
      announceAction(entity, action, answer);
      onDone?.(answer);
      onClose();
    } catch (error) {
      setErrors(formErrors(error, attributes.map((attribute) => attribute.name)));
      setFailure(error instanceof ApiError ? error : null);
      if (error instanceof ApiError && (error.isConflict || error.status === 409)) refreshRecord(client, entity.plural, record.id);
      setBusy(false);
    }
  };

  const override = failure && OVERRIDES[failure.code]?.find((name) => action.parameters.some((parameter) => parameter.name === name));
  return (
    <Modal opened onClose={onClose} size={480} title={action.label} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <div className={classes.subject}>{recordName(entity, record)}</div>
        {action.help && <p className={classes.help}>{action.help}</p>}
        {errors.general.length > 0 && <FormAlert messages={errors.general} requestId={errors.requestId} />}
        {failure && <Hint entity={entity} record={record} failure={failure} onOpen={onClose} />}
        {attributes.map((attribute, index) =>
          attribute.name === 'rights' ? (
            <RightsInput key={attribute.name} attribute={attribute} value={values[attribute.name]} onChange={(next) => setValues({ ...values, [attribute.name]: next })} />
          ) : (
            <FieldInput
              key={attribute.name}
              attribute={attribute}
              value={values[attribute.name]}
              onChange={(next) => setValues((before) => ({ ...before, [attribute.name]: next }))}
              error={errors.fields[attribute.name]}
              record={record}
              entity={entity}
              autoFocus={index === 0}
            />
          ),
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          {override ? (
            <Button loading={busy} onClick={() => void run({ [override]: true })}>
              {t('record.action.anyway', { action: action.label })}
            </Button>
          ) : (
            <Button type="submit" color={action.destructive ? 'red' : undefined} loading={busy}>
              {action.label}
            </Button>
          )}
        </Group>
      </form>
    </Modal>
  );
}

/** What to do about a refusal: the state the record is in now, what is possible there, who else looks the same. */
function Hint({ entity, record, failure, onOpen }: { entity: Entity; record: FullRecord; failure: ApiError; onOpen: () => void }) {
  const t = useT();
  const { details } = failure;
  if (failure.isConflict) return <p className={classes.help}>{t('record.action.changedMeanwhile')}</p>;
  if (Array.isArray(details.matches)) {
    return <DuplicateList matches={details.matches as DuplicateMatch[]} hidden={Number(details.hidden ?? 0)} onOpen={onOpen} />;
  }
  if (!Array.isArray(details.allowed_actions)) return null;
  const labels = (details.allowed_actions as string[]).map((name) => entity.actions.find((action) => action.name === name)?.label).filter(Boolean);
  const state = stateOf(entity, String(details.state ?? record.state))?.label ?? String(details.state ?? record.state);
  return (
    <p className={classes.help}>
      {labels.length ? t('record.action.allowedNow', { state, actions: labels.join(', ') }) : t('record.action.nothingAllowed', { state })}
    </p>
  );
}
