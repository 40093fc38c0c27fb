import { useState } from 'react';

import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';

/** What a dialog is closed by when it holds work: asks first if `state` is not what it was when the dialog opened. */
export function useAskingClose(state: unknown, onClose: () => void) {
  const t = useT();
  const [first] = useState(() => JSON.stringify(state));
  const [asking, setAsking] = useState(false);
  const close = async () => {
    if (JSON.stringify(state) !== first) {
      setAsking(true);
      const leave = await confirm({ title: t('model.leaveTitle'), body: t('model.leaveBody'), confirmLabel: t('model.leave'), destructive: true });
      setAsking(false);
      if (!leave) return;
    }
    onClose();
  };
  // the question is answered by the same keys
  return { onClose: () => void close(), closeOnEscape: !asking, closeOnClickOutside: !asking };
}
