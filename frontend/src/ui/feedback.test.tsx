import { MantineProvider } from '@mantine/core';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { initials } from './Avatar';
import { Boundary } from './Boundary';
import { COLOR_NAMES, colorName, colorOfText } from './colors';
import { confirm, ConfirmHost } from './confirm';
import { Delayed, ErrorState } from './states';
import { toast, Toaster } from './toast';

const wrap = (children: React.ReactNode) => render(<MantineProvider env="test">{children}</MantineProvider>);

describe('toast', () => {
  it('is announced and undoes once', async () => {
    const undo = vi.fn();
    wrap(<Toaster />);
    act(() => void toast({ message: 'Deleted “Nordwind”', undo }));
    expect(screen.getByRole('status')).toHaveTextContent('Deleted “Nordwind”');
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(undo).toHaveBeenCalledTimes(1);
    expect(screen.queryByText('Deleted “Nordwind”')).not.toBeInTheDocument();
  });

  it('replaces one of the same id and keeps errors', () => {
    vi.useFakeTimers();
    wrap(<Toaster />);
    act(() => {
      toast({ id: 'a', message: 'First' });
      toast({ id: 'a', message: 'Second', kind: 'error' });
    });
    act(() => vi.advanceTimersByTime(60_000));
    expect(screen.queryByText('First')).not.toBeInTheDocument();
    expect(screen.getByRole('alert')).toHaveTextContent('Second');
    vi.useRealTimers();
  });
});

describe('confirm', () => {
  it('answers yes only after the number was typed', async () => {
    wrap(<ConfirmHost />);
    let answer: boolean | undefined;
    act(() => void confirm({ title: 'Delete 1,204 records?', body: 'No undo.', confirmLabel: 'Delete', typeToConfirm: '1204' }).then((yes) => (answer = yes)));
    const button = await screen.findByRole('button', { name: 'Delete' });
    expect(button).toBeDisabled();
    await userEvent.type(screen.getByLabelText('Type 1204 to confirm'), '1204');
    await userEvent.click(button);
    await waitFor(() => expect(answer).toBe(true));
  });

  it('answers no to Cancel and to a second question', async () => {
    wrap(<ConfirmHost />);
    const answers: boolean[] = [];
    act(() => {
      void confirm({ title: 'One', body: '', confirmLabel: 'Go' }).then((yes) => answers.push(yes));
      void confirm({ title: 'Two', body: '', confirmLabel: 'Go' }).then((yes) => answers.push(yes));
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(answers).toEqual([false, false]));
  });
});

describe('states', () => {
  it('shows the reference and tries again', async () => {
    const retry = vi.fn();
    wrap(<ErrorState error={{ status: 500, requestId: 'req-7', message: 'KeyError' }} onRetry={retry} />);
    expect(screen.getByRole('alert')).toHaveTextContent('Reference req-7');
    expect(screen.queryByText(/KeyError/)).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalled();
  });

  it('says who can help for a missing right, and offers no retry for what is gone', () => {
    wrap(
      <>
        <ErrorState error={{ status: 403 }} onRetry={() => undefined} />
        <ErrorState error={{ status: 404 }} onRetry={() => undefined} />
      </>,
    );
    expect(screen.getByText('You may not see this')).toBeInTheDocument();
    expect(screen.getByText('Not found')).toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('waits before showing a skeleton', () => {
    vi.useFakeTimers();
    wrap(<Delayed>grey</Delayed>);
    act(() => vi.advanceTimersByTime(100));
    expect(screen.queryByText('grey')).not.toBeInTheDocument();
    act(() => vi.advanceTimersByTime(60));
    expect(screen.getByText('grey')).toBeInTheDocument();
    vi.useRealTimers();
  });

  it('keeps an error in its box until something else is shown', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const Broken = ({ broken }: { broken: boolean }) => {
      if (broken) throw new Error('boom');
      return <p>fine</p>;
    };
    const view = wrap(<Boundary resetKey="a"><Broken broken /></Boundary>);
    expect(screen.getByRole('alert')).toBeInTheDocument();
    view.rerender(<MantineProvider env="test"><Boundary resetKey="b"><Broken broken={false} /></Boundary></MantineProvider>);
    expect(screen.getByText('fine')).toBeInTheDocument();
  });
});

describe('names and colours', () => {
  it('makes initials of people and companies', () => {
    expect(['Ana Berg', 'Nordwind', '“Stella” GmbH & Co. KG', 'ана петрова', ''].map(initials)).toEqual(['AB', 'N', 'SK', 'АП', '?']);
  });

  it('knows twelve pairs, their neighbours, and grey for the rest', () => {
    expect(COLOR_NAMES).toHaveLength(12);
    expect([colorName('amber'), colorName('purple'), colorName(null), colorName('nonsense')]).toEqual(['yellow', 'violet', 'gray', 'gray']);
    expect(colorOfText('Ana')).toBe(colorOfText('Ana'));
  });
});
