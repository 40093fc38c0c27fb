/** Texts of inviting: kinds of seats and what they cost. */
export const inviting = {
  'invite.licence': 'Kind of seat',
  'invite.licence.full': 'Full',
  'invite.licence.read_only': 'Read-only',
  'invite.licence.help.full': 'Can do all that the role allows.',
  'invite.licence.help.read_only': 'Can see, search and export, but change nothing. Costs less.',
  'invite.seats': '{used} of {limit} seats taken',
  'invite.seatsInvited': '{used} of {limit} seats taken, {invited} promised to people who are invited',
  'invite.needed': '{count, plural, one {# seat is missing} other {# seats are missing}}',
  'invite.now': 'Now, for the rest of the period',
  'invite.vat': 'VAT {rate} %',
  'invite.total': 'Charged now',
  'invite.next': 'Next invoice on {date}: {total} in all',
  'invite.buy': '{count, plural, one {Buy # seat for {total} and send} other {Buy # seats for {total} and send}}',
  'invite.billing': 'Open plan and billing',
} as const;
