import { Button, Modal, NativeSelect, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { errorMessage } from '@/api/errors';
import { addCurrency, updateCurrency, type Currency } from '@/api/generalSettings';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { formatNumber, parseNumber } from '@/ui/formatting';
import { currencyOptions } from '@/ui/names';
import { toast } from '@/ui/toast';

/** Add a currency, or give one another rate or other decimal places. */
export function CurrencyDialog({ currency, base, taken, onClose }: { currency: Currency | null; base: string; taken: string[]; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [code, setCode] = useState(currency?.code ?? null);
  const [rate, setRate] = useState(currency ? formatNumber(currency.rate) : '');
  const [precision, setPrecision] = useState(currency?.precision ?? null);
  const options = useMemo(() => currencyOptions().filter((option) => !taken.includes(option.value)), [taken]);
  const plain = parseNumber(rate);
  const usable = plain !== null && Number(plain) > 0;
  const save = useMutation({
    mutationFn: () => (currency ? updateCurrency(currency.code, { ...(currency.is_base ? {} : { rate: plain! }), precision: precision! }) : addCurrency({ code: code!, rate: plain! })),
    onSuccess: async (saved) => {
      toast({ kind: 'success', message: t(currency ? 'currencies.saved' : 'currencies.added', { code: saved.code }) });
      await client.invalidateQueries({ queryKey: keys.currencies });
      onClose();
    },
  });
  const ready = !!code && (usable || !!currency?.is_base);
  return (
    <Modal opened onClose={onClose} title={currency ? currency.code : t('currencies.add')} size={420} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) save.mutate();
        }}
      >
        {!currency && <Select data-autofocus label={t('currencies.currency')} searchable limit={60} data={options} value={code} onChange={setCode} nothingFoundMessage={t('currencies.none')} />}
        {!currency?.is_base && (
          <TextInput
            mt={currency ? 0 : 'sm'}
            label={t('currencies.rate', { base })}
            description={t('currencies.rateHelp')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            inputMode="decimal"
            autoComplete="off"
            value={rate}
            error={rate && !usable ? t('currencies.rateWrong') : undefined}
            onChange={(event) => setRate(event.currentTarget.value)}
          />
        )}
        {currency && <NativeSelect mt="sm" label={t('currencies.places')} value={String(precision)} data={['0', '1', '2', '3', '4']} onChange={(event) => setPrecision(Number(event.currentTarget.value))} />}
        {save.error && <p role="alert" style={{ color: 'var(--k-red)' }}>{errorMessage(save.error)}</p>}
        <Button type="submit" mt="md" fullWidth loading={save.isPending} disabled={!ready}>
          {t('ui.save')}
        </Button>
      </form>
    </Modal>
  );
}
