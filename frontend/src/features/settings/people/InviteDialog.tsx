import { Button, Group, Input, Modal, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import { buySeats, invite, quoteSeats, type Licence, type SeatQuote } from '@/api/people';
import { listRecords } from '@/api/records';
import { useT } from '@/i18n';
import { useObject } from '@/metadata';
import { toast } from '@/ui/toast';
import { splitAddresses } from './addresses';
import { SeatPrice, shownTotal } from './SeatPrice';
import { useRoles } from './useRoles';

const unitQuery = { order: ['name'], limit: 200, fields: ['name'] };

/** Invite one or several people with one role; `email` is the address of somebody who is known already. */
export function InviteDialog({ email = '', onClose }: { email?: string; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { roles } = useRoles();
  const hasUnits = !!useObject('business_unit');
  const units = useQuery({ queryKey: keys.list('business_units', unitQuery), queryFn: ({ signal }) => listRecords('business_units', unitQuery, signal), enabled: hasUnits });
  const [text, setText] = useState(email);
  const [role, setRole] = useState('');
  const [unit, setUnit] = useState('');
  const [licence, setLicence] = useState<Licence>('full');
  const [problem, setProblem] = useState<string | null>(null);
  const { good, bad } = splitAddresses(text);
  const chosenRole = role || roles?.find((entry) => /salesperson|vertrieb/i.test(entry.name))?.id || roles?.[0]?.id || '';

  const [count] = useDebouncedValue(good.length, 200);
  const seats = useQuery({ queryKey: keys.seatQuote(licence, count), queryFn: ({ signal }) => quoteSeats(licence, count, signal), enabled: count > 0, staleTime: 0 });
  // Only what was asked for these addresses counts: the price belongs to their number.
  const quote = count > 0 && count === good.length ? seats.data : undefined;
  const toBuy = quote && quote.needed > 0 && !quote.refusal ? quote : undefined;
  const blocked = !!quote && quote.needed > 0 && !!quote.refusal;

  const send = useMutation({
    mutationFn: async (price: SeatQuote | undefined) => {
      if (price) await buySeats(price, crypto.randomUUID());
      const left: string[] = [];
      const reasons: string[] = [];
      for (const email of good) {
        try {
          await invite({ email, role: chosenRole, business_unit: unit || undefined, licence });
        } catch (error) {
          left.push(email);
          reasons.push(t('invite.failed', { email, reason: errorMessage(error) }));
        }
      }
      return { left, reasons };
    },
    onError: async (error) => {
      setProblem(errorMessage(error));
      await client.invalidateQueries({ queryKey: keys.licences });
    },
    onSuccess: async ({ left, reasons }) => {
      await Promise.all([client.invalidateQueries({ queryKey: keys.licences }), client.invalidateQueries({ queryKey: keys.invitations }), client.invalidateQueries({ queryKey: keys.recordsOf('users') })]);
      if (good.length > left.length) toast({ message: t('invite.sent', { count: good.length - left.length }), kind: 'success' });
      // What failed stays in the box with the reason.
      if (left.length) {
        setText(left.join('\n'));
        setProblem(reasons.join(' '));
      } else onClose();
    },
  });

  return (
    <Modal opened onClose={onClose} title={t('invite.title')} size={480} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (bad.length) setProblem(t('invite.badAddress', { address: bad[0]! }));
          else if (good.length && chosenRole && !blocked) send.mutate(toBuy);
        }}
      >
        <Textarea
          data-autofocus
          label={t('invite.emails')}
          description={t('invite.emailsHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autosize
          minRows={3}
          maxRows={8}
          value={text}
          error={problem}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <NativeSelect mt="sm" label={t('invite.role')} value={chosenRole} onChange={(event) => setRole(event.currentTarget.value)} data={(roles ?? []).map((entry) => ({ value: entry.id, label: entry.unit ? `${entry.name} (${entry.unit.name})` : (entry.name ?? '') }))} />
        <Input.Wrapper mt="sm" label={t('invite.licence')} description={t(`invite.licence.help.${licence}`)} inputWrapperOrder={['label', 'input', 'description', 'error']}>
          <SegmentedControl
            fullWidth
            aria-label={t('invite.licence')}
            value={licence}
            onChange={(value) => setLicence(value as Licence)}
            data={(['full', 'read_only'] as const).map((kind) => ({ value: kind, label: t(`invite.licence.${kind}`) }))}
          />
        </Input.Wrapper>
        {(units.data?.rows.length ?? 0) > 1 && (
          <NativeSelect
            mt="sm"
            label={t('invite.unit')}
            value={unit}
            onChange={(event) => setUnit(event.currentTarget.value)}
            data={[{ value: '', label: t('invite.unitRoot') }, ...units.data!.rows.map((row) => ({ value: row.id, label: String(row.name) }))]}
          />
        )}
        {quote && <SeatPrice quote={quote} />}
        <Group justify="flex-end" gap={8} mt="lg">
          <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
          <Button type="submit" loading={send.isPending || (good.length > 0 && !bad.length && !quote && !seats.error)} disabled={(!good.length && !bad.length) || blocked}>
            {toBuy ? t('invite.buy', { count: toBuy.needed, total: shownTotal(toBuy.now) }) : t('invite.send', { count: good.length })}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
