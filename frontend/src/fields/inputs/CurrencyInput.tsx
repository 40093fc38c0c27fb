import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { listCurrencies } from '@/api/generalSettings';
import { keys } from '@/api/keys';
import { formatting } from '@/ui/formatting';
import { currencyName } from '@/ui/names';
import type { InputProps } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';

const MINUTES_5 = 300_000;

/** One of the workspace's currencies; without a value amounts are in the base currency. */
export function CurrencyInput(props: InputProps) {
  const { data } = useQuery({ queryKey: keys.currencies, queryFn: ({ signal }) => listCurrencies(signal), staleTime: MINUTES_5 });
  const chosen = asText(props.value) || formatting().currency;
  const codes = [...new Set([...(data ?? []).map((currency) => currency.code), chosen])];
  return (
    <NativeSelect
      {...frameProps(props)}
      value={chosen}
      data={codes.map((code) => ({ value: code, label: `${code} · ${currencyName(code)}` }))}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
