import { render } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { holdTyping, keyLabels, setSingleKeyShortcuts, useShortcut, type ShortcutOptions } from './shortcuts';

function Listener({ keys, run, ...options }: { keys: string; run: () => void } & ShortcutOptions) {
  useShortcut(keys, run, options);
  return <input aria-label="field" />;
}

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

afterEach(() => setSingleKeyShortcuts(true));

describe('typing while something opens', () => {
  it('keeps what is typed for the input and away from the page', async () => {
    const run = vi.fn();
    const insert = vi.fn();
    document.execCommand = insert;
    const { getByLabelText } = render(<Listener keys="c" run={run} />);
    holdTyping();
    press('c');
    press('x');
    press('Backspace');
    expect(run).not.toHaveBeenCalled();
    getByLabelText('field').focus();
    await new Promise((resolve) => setTimeout(resolve));
    expect(insert).toHaveBeenCalledWith('insertText', false, 'c');
    getByLabelText('field').blur();
    press('c');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('gives the keys back with Escape', () => {
    const run = vi.fn();
    render(<Listener keys="c" run={run} />);
    holdTyping();
    press('Escape');
    press('c');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('lets the page rest below a dialog, not the dialog itself', () => {
    const below = vi.fn();
    const inside = vi.fn();
    render(<Listener keys="c" run={below} />);
    render(<div role="dialog" aria-modal="true" />);
    render(<Listener keys="x" run={inside} />);
    press('c');
    press('x');
    expect(below).not.toHaveBeenCalled();
    expect(inside).toHaveBeenCalledTimes(1);
  });
});

describe('useShortcut', () => {
  it('fires, stops the browser, and no longer after unmounting', () => {
    const run = vi.fn();
    const { unmount } = render(<Listener keys="c" run={run} />);
    expect(press('c').defaultPrevented).toBe(true);
    unmount();
    press('c');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('never fires single letters while typing', () => {
    const run = vi.fn();
    const { getByLabelText } = render(<Listener keys="c" run={run} />);
    press('c', {}, getByLabelText('field'));
    expect(run).not.toHaveBeenCalled();
  });

  it('fires with Ctrl also while typing', () => {
    const run = vi.fn();
    const { getByLabelText } = render(<Listener keys="mod+k" run={run} inInputs />);
    press('k', { ctrlKey: true }, getByLabelText('field'));
    press('k', { metaKey: true });
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('can be switched off, except for combinations and named keys', () => {
    const [letter, combination, escape] = [vi.fn(), vi.fn(), vi.fn()];
    render(
      <>
        <Listener keys="c" run={letter} />
        <Listener keys="mod+s" run={combination} />
        <Listener keys="escape" run={escape} />
      </>,
    );
    setSingleKeyShortcuts(false);
    press('c');
    press('s', { ctrlKey: true });
    press('Escape');
    expect([letter, combination, escape].map((run) => run.mock.calls.length)).toEqual([0, 1, 1]);
  });

  it('understands one key after the other', () => {
    const run = vi.fn();
    render(<Listener keys="g c" run={run} />);
    press('c');
    press('g');
    press('c');
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('lets the one mounted last win', () => {
    const [page, dialog] = [vi.fn(), vi.fn()];
    render(
      <>
        <Listener keys="escape" run={page} />
        <Listener keys="escape" run={dialog} />
      </>,
    );
    press('Escape');
    expect(dialog).toHaveBeenCalledTimes(1);
    expect(page).not.toHaveBeenCalled();
  });

  it('takes ? as it is typed, whatever the keyboard', () => {
    const run = vi.fn();
    render(<Listener keys="?" run={run} />);
    press('?', { shiftKey: true });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('writes combinations for people', () => {
    expect(keyLabels('mod+k')).toEqual(['Ctrl', 'K']);
    expect(keyLabels('g d')).toEqual(['G', 'D']);
  });
});
