import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { loadFeatureTexts } from '@/i18n';
import { mockApi, type MockApi } from '@/testing/mockFetch';
import { renderApp } from '@/testing/render';
import { ConfirmHost } from '@/ui/confirm';
import ArchiveSection from './ArchiveSection';

let api: MockApi;
beforeEach(async () => {
  await loadFeatureTexts('settings');
  api = mockApi();
});

const facts = {
  workspace: 'Nordwind', made_at: '2026-11-22T10:00:00Z', made_by: 'Dana', audit: true, records: { account: 2, c_boat: 1, contact: 0 }, recycle_bin: { account: 1 }, labels: { c_boat: 'Boats' },
  files: 0, files_missing: 0, file_bytes: 0, people: 3, known: false, rows: 9, tables: 2,
};
const job = { id: '1', kind: 'archive_check', label: 'Nordwind', object: null, state: 'succeeded', total: 1, done: 1, failed: 0, created_at: '', finished_at: '', can_undo: false, error: null, file: null, file_name: 'all.zip' };

/** The section over a server in this state; `start` is its answer to the import. */
async function open(state: unknown, start?: unknown) {
  api.intercept((request) => {
    if (request.path === '/workspace_import/actions/start') return { status: 202, body: start as object };
    return request.path === '/workspace_import' ? { status: 200, body: state as object } : undefined;
  });
  await renderApp(
    <>
      <ArchiveSection />
      <ConfirmHost />
    </>,
  );
}

describe('an archive', () => {
  it('shows what is in it, asks, and compares when it is imported', async () => {
    const compared = [{ entry: 'data/customers.account.jsonl', object: 'account', rows: 3, here: 3, sha256: 'ab', equal: true }, { entry: 'links.jsonl', object: 'links', rows: 6, here: 6, sha256: 'cd', equal: true }];
    await open({ found: [], here: true, job: { ...job, result: { preview: facts } } }, { found: [], here: false, job: { ...job, kind: 'archive_import', result: { ...facts, compared } } });
    const row = (await screen.findByText('Boats', undefined, { timeout: 10_000 })).closest('tr')!;
    expect(within(row).getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['Boats', '1', '–']);
    expect(screen.queryByText('Contacts')).not.toBeInTheDocument(); // none in it
    expect(screen.getByText(/no files/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Import everything' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Import everything' }));
    expect(await screen.findByText(/2 tables are equal to the archive: 9 rows/)).toBeInTheDocument();
    expect(screen.getByText('Links between records')).toBeInTheDocument();
    expect(api.requests.filter((request) => request.path === '/workspace_import/actions/start')).toHaveLength(1);
  });

  it('says where a refused one is wrong', async () => {
    await open({ found: [], here: true, job: { ...job, state: 'failed', error: 'x', result: { refused: { code: 'archive.bad_row', message: 'row 7: too long', field: 'data/x.jsonl:7' } } } });
    expect(await screen.findByText('A row of the archive cannot be taken over.', undefined, { timeout: 10_000 })).toBeInTheDocument();
    expect(screen.getByText('Where: data/x.jsonl:7')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Choose another archive' })).toBeInTheDocument();
  });

  it('is not offered where there is work already', async () => {
    await open({ found: [{ object: 'account', rows: 2, sample: 0 }], here: false, job: null });
    expect(await screen.findByText('This workspace is not empty', undefined, { timeout: 10_000 })).toBeInTheDocument();
    expect(screen.queryByTestId('archive-file')).not.toBeInTheDocument();
  });
});
