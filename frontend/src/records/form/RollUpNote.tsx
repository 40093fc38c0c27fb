import { ActionIcon, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { errorMessage, keys, renewRollUp, type FullRecord, type RecordData } from '@/api';
import { useT } from '@/i18n';
import type { Attribute, Entity } from '@/metadata';
import { formatDateTime, formatRelative } from '@/ui/formatting';
import { toast } from '@/ui/toast';
import classes from './inline.module.css';

/** Of when a roll-up is, and the button that computes it now (PLT-3). */
export function RollUpNote({ entity, attribute, record }: { entity: Entity; attribute: Attribute; record: RecordData }) {
  const t = useT();
  const client = useQueryClient();
  const at = record[`${attribute.name}_at`] as string | null | undefined;
  const renew = useMutation({
    mutationFn: () => renewRollUp(entity.plural, record.id, attribute.name),
    onSuccess: (answer) =>
      client.setQueryData<FullRecord>(keys.record(entity.plural, record.id), (old) => old && { ...old, [attribute.name]: answer.value, [`${attribute.name}_at`]: answer.as_of }),
    onError: (error) => toast({ message: errorMessage(error), kind: 'error' }),
  });
  return (
    <span className={classes.rollUp}>
      <span title={at ? formatDateTime(at) : undefined}>{at ? t('record.rollUp.asOf', { when: formatRelative(at) }) : t('record.rollUp.never')}</span>
      <Tooltip label={t('record.rollUp.renew')}>
        <ActionIcon variant="subtle" color="gray" size={24} loading={renew.isPending} aria-label={`${t('record.rollUp.renew')}: ${attribute.label}`} onClick={() => renew.mutate()}>
          <IconRefresh size={14} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
