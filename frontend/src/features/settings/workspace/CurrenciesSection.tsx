import { Button, Menu, ActionIcon } from '@mantine/core';
import { IconCoins, IconDots, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { deleteCurrency, listCurrencies, updateGeneralSettings, type Currency } from '@/api/generalSettings';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { confirm } from '@/ui/confirm';
import { formatNumber } from '@/ui/formatting';
import { currencyName } from '@/ui/names';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { CurrencyDialog } from './CurrencyDialog';

/** The currencies amounts may be kept in, and what they are worth (PLT-96). */
export default function CurrenciesSection() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.currencies, queryFn: ({ signal }) => listCurrencies(signal) });
  const [edited, setEdited] = useState<Currency | 'new' | null>(null);
  const base = data?.find((currency) => currency.is_base)?.code ?? '';
  return (
    <SectionFrame
      title={t('settings.currencies')}
      documentTitle={t('settings.currencies')}
      intro={t('currencies.intro')}
      actions={
        data && (
          <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setEdited('new')}>
            {t('currencies.add')}
          </Button>
        )
      }
    >
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} height={48} />}
      {data && (
        <ul className={classes.card} style={{ margin: 0, padding: 0, listStyle: 'none' }} aria-label={t('settings.currencies')}>
          {data.map((currency) => (
            <CurrencyRow key={currency.code} currency={currency} base={base} onEdit={() => setEdited(currency)} />
          ))}
        </ul>
      )}
      {edited && data && <CurrencyDialog currency={edited === 'new' ? null : edited} base={base} taken={data.map((one) => one.code)} onClose={() => setEdited(null)} />}
    </SectionFrame>
  );
}

function CurrencyRow({ currency, base, onEdit }: { currency: Currency; base: string; onEdit: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: (what: 'base' | 'delete'): Promise<unknown> => (what === 'base' ? updateGeneralSettings({ currency: currency.code }) : deleteCurrency(currency.code)),
    onSuccess: async (_answer, what) => {
      toast({ kind: 'success', message: t(what === 'base' ? 'currencies.baseToast' : 'currencies.deleted', { code: currency.code }) });
      await Promise.all([keys.currencies, keys.generalSettings, keys.session].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: (error) => toast({ kind: 'error', message: errorMessage(error) }),
  });
  const drop = async () => {
    if (await confirm({ title: t('currencies.deleteTitle', { code: currency.code }), body: t('currencies.deleteBody'), confirmLabel: t('currencies.delete'), destructive: true })) run.mutate('delete');
  };
  return (
    <li className={classes.cardRow}>
      <IconCoins size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <div className={classes.grow}>
        <div className="k-truncate">
          {currency.code} <span className="k-meta">{currencyName(currency.code)}</span> {currency.is_base && <Chip label={t('currencies.base')} color="blue" />}
        </div>
        <div className="k-meta">{currency.is_base ? t('currencies.baseHelp') : t('currencies.worth', { base, rate: formatNumber(currency.rate), code: currency.code })}</div>
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={`${t('ui.more')}: ${currency.code}`} loading={run.isPending}>
            <IconDots size={16} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onEdit}>{t('currencies.edit')}</Menu.Item>
          {!currency.is_base && <Menu.Item onClick={() => run.mutate('base')}>{t('currencies.makeBase')}</Menu.Item>}
          {!currency.is_base && <Menu.Divider />}
          {!currency.is_base && (
            <Menu.Item color="red" onClick={() => void drop()}>
              {t('currencies.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
