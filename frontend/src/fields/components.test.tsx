import { screen } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';

import { mockApi } from '@/testing/mockFetch';
import { attribute } from '@/testing/model';
import { renderApp } from '@/testing/render';
import { FieldCell, FieldDisplay } from './components';

const count = attribute('member_count', 'Members', 'int', { counts_members: true });
beforeEach(() => void mockApi());

it('says that members of a dynamic list are counted when it is opened, instead of a cell that looks like none', async () => {
  await renderApp(<FieldCell attribute={count} value={null} />);
  expect(screen.getByText('When opened')).toBeVisible();
});

it('shows numbers of members as numbers, none included', async () => {
  await renderApp(<><FieldCell attribute={count} value={0} /><FieldDisplay attribute={count} value={12} /></>);
  expect(screen.getByText('0')).toBeVisible();
  expect(screen.getByText('12')).toBeVisible();
  expect(screen.queryByText('When opened')).toBeNull();
});
