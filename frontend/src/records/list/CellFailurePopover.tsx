import { Button, Group, Popover } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';

import { formatValue } from '@/fields';
import { useT } from '@/i18n';
import type { Column } from './columns';
import type { CellFailure } from './edits';
import classes from './Grid.module.css';

interface Props {
  failure: CellFailure;
  column: Column;
  retry: () => void;
  edit: () => void;
  dismiss: () => void;
}

/** Why a cell was not saved: what happened, what was kept, what to do. */
export function CellFailurePopover({ failure, column, retry, edit, dismiss }: Props) {
  const t = useT();
  const entered = column.attribute ? formatValue(column.attribute, failure.value) : '';
  return (
    <Popover opened position="bottom-start" withinPortal trapFocus={false} offset={2} zIndex={120}>
      <Popover.Target>
        <span className={classes.failure} aria-hidden>
          <IconAlertCircle size={16} stroke={1.75} />
        </span>
      </Popover.Target>
      <Popover.Dropdown p={12} maw={320} role="alert">
        <div className={classes.failureTitle}>{failure.conflict ? t('lists.cell.conflict') : t('lists.cell.failed')}</div>
        <div className="k-meta">
          {!failure.conflict && failure.message}
          {entered && <div>{t('lists.cell.entered', { value: entered })}</div>}
        </div>
        <Group gap={4} mt={8}>
          {failure.conflict ? (
            <Button size="compact-sm" variant="light" onClick={retry}>
              {t('lists.cell.useMine')}
            </Button>
          ) : (
            <Button size="compact-sm" variant="light" onClick={edit}>
              {t('lists.cell.correct')}
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={dismiss}>
            {failure.conflict ? t('lists.cell.keepTheirs') : t('lists.cell.discard')}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
