/** "Edited": save the changes into the view, as a new one, or take them back. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

import { useT } from '@/i18n';
import { useSession, type Entity, type View } from '@/metadata';
import { Opening } from '@/ui';
import { ALL_VIEW, type ListState } from './state';
import { ownerId, useViewMutations, viewBody } from './views';

const ViewDialog = lazy(() => import('./ViewDialog'));

interface Props {
  entity: Entity;
  state: ListState;
  widths: Record<string, number>;
  reset: () => void;
  choose: (view: View) => void;
}

export function ViewEdits({ entity, state, widths, reset, choose }: Props) {
  const t = useT();
  const session = useSession();
  const { create, update } = useViewMutations(entity);
  const [asking, setAsking] = useState(false);
  const { view } = state;
  const may = view.id !== ALL_VIEW && (view.editable || (view.kind !== 'standard' && ownerId(view) === session.user.id));
  return (
    <>
      <Button size="xs" variant="subtle" color="gray" onClick={reset}>
        {t('lists.view.reset')}
      </Button>
      {may ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="light" rightSection={<IconChevronDown size={16} stroke={1.75} />} loading={update.isPending}>
              {t('ui.save')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => update.mutate({ id: view.id, body: viewBody(state, widths) }, { onSuccess: reset })}>{t('lists.view.saveInto', { name: view.name })}</Menu.Item>
            <Menu.Item onClick={() => setAsking(true)}>{t('lists.view.saveAs')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Button size="xs" variant="light" onClick={() => setAsking(true)}>
          {t('lists.view.saveAs')}
        </Button>
      )}
      {asking && (
        <Suspense fallback={<Opening />}>
          <ViewDialog
            title={t('lists.view.saveAs')}
            initial={view.id === ALL_VIEW ? '' : t('lists.view.copyOf', { name: view.name })}
            onClose={() => setAsking(false)}
            onSave={async (answer) => {
              const made = await create.mutateAsync({ ...viewBody(state, widths), ...answer });
              setAsking(false);
              choose(made);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
