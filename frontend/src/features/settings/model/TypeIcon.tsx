import {
  IconAlignLeft, IconCalculator, IconCalendar, IconCalendarClock, IconCircleDot, IconCoin, IconDecimal, IconFilter, IconHash, IconHourglass, IconLetterCase, IconLink, IconListNumbers,
  IconPaperclip, IconRuler2, IconSum, IconTags, IconToggleLeft, IconUser, IconUsers, IconCircleHalf2, type Icon,
} from '@tabler/icons-react';

import type { FieldKind } from './types';

const ICONS: Record<FieldKind, Icon> = {
  text: IconLetterCase, memo: IconAlignLeft, int: IconHash, dec: IconDecimal, float: IconRuler2, money: IconCoin, bool: IconToggleLeft, pick: IconCircleDot,
  multi: IconTags, date: IconCalendar, datetime: IconCalendarClock, duration: IconHourglass, lookup: IconLink, customer: IconLink, regarding: IconLink,
  owner: IconUser, parties: IconUsers, filter: IconFilter, file: IconPaperclip, auto: IconListNumbers, state: IconCircleHalf2, status_reason: IconCircleHalf2,
  calculated: IconCalculator, roll_up: IconSum,
};

/** The sign of an attribute type. */
export function TypeIcon({ type, size = 16 }: { type: FieldKind; size?: number }) {
  const Sign = ICONS[type] ?? IconLetterCase;
  return <Sign size={size} stroke={1.75} aria-hidden style={{ flex: 'none', color: 'var(--k-text-3)' }} />;
}
