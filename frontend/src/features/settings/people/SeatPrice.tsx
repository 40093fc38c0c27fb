import type { InvoicePreview, SeatQuote } from '@/api/people';
import { useT } from '@/i18n';
import { formatDate, formatMoney } from '@/ui/formatting';
import classes from '../settings.module.css';

export const shownTotal = (invoice: InvoicePreview | null): string => (invoice ? formatMoney(String(invoice.total_minor / 100), invoice.currency) : '');

/** How many seats there are, and when some are missing their price to the cent, or why they can't be had. */
export function SeatPrice({ quote }: { quote: SeatQuote }) {
  const t = useT();
  const { now, renewal } = quote;
  const amount = (minor: number) => formatMoney(String(minor / 100), now?.currency ?? renewal?.currency ?? null);
  const seats = { used: quote.used, limit: quote.limit ?? '∞', invited: quote.invited };
  return (
    <div className={classes.seatPrice} role="status">
      <div className="k-meta">{t(quote.invited ? 'invite.seatsInvited' : 'invite.seats', seats)}</div>
      {quote.needed > 0 && <strong>{t('invite.needed', { count: quote.needed })}</strong>}
      {quote.refusal && (
        <p role="alert">
          {quote.refusal.message} <a href="/billing/">{t('invite.billing')}</a>
        </p>
      )}
      {!quote.refusal && quote.needed > 0 && now && (
        <>
          <table>
            <caption>{t('invite.now')}</caption>
            <tbody>
              {now.lines.map((line) => (
                <tr key={line.text}>
                  <td>{line.text}</td>
                  <td>{amount(line.net_minor)}</td>
                </tr>
              ))}
              <tr>
                <td>{t('invite.vat', { rate: String(Number(now.tax_rate)) })}</td>
                <td>{amount(now.tax_minor)}</td>
              </tr>
              <tr data-total>
                <td>{t('invite.total')}</td>
                <td>{amount(now.total_minor)}</td>
              </tr>
            </tbody>
          </table>
          {renewal && <div className="k-meta">{t('invite.next', { date: formatDate(quote.renews_at), total: amount(renewal.total_minor) })}</div>}
        </>
      )}
    </div>
  );
}
