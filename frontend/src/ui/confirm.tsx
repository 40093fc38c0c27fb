import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState, useSyncExternalStore, type ReactNode } from 'react';

import { useT } from '@/i18n';

export interface ConfirmOptions {
  title: string;
  body: ReactNode;
  /** A verb: "Delete for good", never "OK". */
  confirmLabel: string;
  destructive?: boolean;
  /** The user types this before the button works: for large destructive actions. */
  typeToConfirm?: string;
}

type Question = ConfirmOptions & { answer: (yes: boolean) => void };

let question: Question | null = null;
const listeners = new Set<() => void>();

function publish(next: Question | null) {
  question = next;
  listeners.forEach((listener) => listener());
}

/** Ask a question. Only where undo is impossible; everything else acts at once and offers undo. */
export function confirm(options: ConfirmOptions): Promise<boolean> {
  return new Promise((resolve) => {
    question?.answer(false);
    publish({
      ...options,
      answer: (yes) => {
        publish(null);
        resolve(yes);
      },
    });
  });
}

function ConfirmDialog({ asked }: { asked: Question }) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const blocked = !!asked.typeToConfirm && typed.trim() !== asked.typeToConfirm;
  return (
    <Modal opened onClose={() => asked.answer(false)} title={asked.title} size={440} centered closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!blocked) asked.answer(true);
        }}
      >
        <div style={{ color: 'var(--k-text-2)' }}>{asked.body}</div>
        {asked.typeToConfirm && (
          <TextInput mt="md" label={t('ui.confirm.typeNumber', { number: asked.typeToConfirm })} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus />
        )}
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={() => asked.answer(false)}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" color={asked.destructive ? 'red' : undefined} disabled={blocked} data-autofocus={asked.typeToConfirm ? undefined : true}>
            {asked.confirmLabel}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Where questions appear; mounted once by the shell. */
export function ConfirmHost() {
  const asked = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => question,
  );
  return asked ? <ConfirmDialog asked={asked} /> : null;
}
