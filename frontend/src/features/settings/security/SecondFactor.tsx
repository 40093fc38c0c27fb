import { Button } from '@mantine/core';
import { IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { readOwnFactor, type OwnFactor } from '@/api/secondFactor';
import { useT } from '@/i18n';
import { formatDate } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';
import { RenewCodesDialog, TurnOffDialog, TurnOnDialog } from './FactorDialogs';

const FEW = 3;

/** One's own second factor: whether it is on, and the way to change that. */
export function SecondFactor() {
  const t = useT();
  const [open, setOpen] = useState<'on' | 'off' | 'renew' | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: keys.ownFactor, queryFn: ({ signal }) => readOwnFactor(signal) });
  const close = () => setOpen(null);
  return (
    <Group title={t('factor.title')} help={t('factor.help')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={1} height={48} />}
      {data && (
        <div className={classes.card}>
          <div className={classes.cardRow}>
            {data.on ? <IconShieldCheck size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-green)', flex: 'none' }} /> : <IconShieldOff size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />}
            <State factor={data} />
            {data.on ? (
              <>
                <Button size="xs" variant="default" onClick={() => setOpen('renew')}>
                  {t('factor.newCodes')}
                </Button>
                {!data.required && (
                  <Button size="xs" variant="default" onClick={() => setOpen('off')}>
                    {t('factor.turnOff')}
                  </Button>
                )}
              </>
            ) : (
              <Button size="xs" onClick={() => setOpen('on')}>
                {t('factor.turnOn')}
              </Button>
            )}
          </div>
        </div>
      )}
      {open === 'on' && <TurnOnDialog onClose={close} />}
      {open === 'off' && <TurnOffDialog onClose={close} />}
      {open === 'renew' && <RenewCodesDialog onClose={close} />}
    </Group>
  );
}

function State({ factor }: { factor: OwnFactor }) {
  const t = useT();
  if (!factor.on) return <div className={classes.grow}>{t('factor.off')}</div>;
  const facts = [t('factor.codesLeft', { count: factor.recovery_codes_left }), factor.required && t('factor.required')].filter(Boolean);
  return (
    <div className={classes.grow}>
      <div>{t('factor.on', { date: formatDate(factor.since!) })}</div>
      <div className="k-meta">{facts.join(' · ')}</div>
      {factor.recovery_codes_left < FEW && <div style={{ color: 'var(--k-amber)' }}>{t('factor.few')}</div>}
    </div>
  );
}
