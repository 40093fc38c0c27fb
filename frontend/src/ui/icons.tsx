import {
  IconAddressBook, IconAlertTriangle, IconArticle, IconBolt, IconBook, IconBox, IconBriefcase, IconBuilding, IconCalendarEvent, IconCash,
  IconCheckbox, IconClipboardList, IconCoin, IconCube, IconFileInvoice, IconFlag, IconFileText, IconFolder, IconHeadset, IconHierarchy, IconLayoutDashboard,
  IconMail, IconMapPin, IconNote, IconPackage, IconPhone, IconPlayerPause, IconPlayerPlay, IconReceipt, IconRefresh, IconShare, IconShareOff, IconShieldLock, IconSpeakerphone, IconSteeringWheel, IconTag, IconTarget,
  IconTicket, IconTool, IconTrophy, IconUser, IconUserCheck, IconUserPlus, IconUserShare, IconUserX, IconUsers, IconUsersGroup, IconX, IconSitemap, IconCheck, IconRuler2, IconCurrencyEuro, IconListDetails, IconTags, IconPercentage, IconChartPie, type Icon as TablerIcon,
} from '@tabler/icons-react';
import { lazy, Suspense, type CSSProperties } from 'react';

import { colorPair } from './colors';

/** Icons of the standard objects and actions; others come with the gallery, loaded when first needed. */
const KNOWN: Record<string, TablerIcon> = {
  building: IconBuilding, 'building-skyscraper': IconBuilding, user: IconUser, users: IconUsers, 'users-group': IconUsersGroup, 'user-plus': IconUserPlus,
  'address-book': IconAddressBook, contact: IconAddressBook, target: IconTarget, trophy: IconTrophy, box: IconBox, package: IconPackage, cube: IconCube,
  tag: IconTag, checkbox: IconCheckbox, 'square-check': IconCheckbox, phone: IconPhone, mail: IconMail, calendar: IconCalendarEvent,
  'calendar-event': IconCalendarEvent, note: IconNote, 'file-text': IconFileText, 'file-invoice': IconFileInvoice, receipt: IconReceipt,
  briefcase: IconBriefcase, 'clipboard-list': IconClipboardList, headset: IconHeadset, lifebuoy: IconSteeringWheel, ticket: IconTicket,
  speakerphone: IconSpeakerphone, article: IconArticle, book: IconBook, cash: IconCash, coin: IconCoin, folder: IconFolder, hierarchy: IconHierarchy,
  shield: IconShieldLock, 'shield-lock': IconShieldLock, bolt: IconBolt, tool: IconTool, 'map-pin': IconMapPin, 'layout-dashboard': IconLayoutDashboard,
  'alert-triangle': IconAlertTriangle, flag: IconFlag, 'player-pause': IconPlayerPause, 'player-play': IconPlayerPlay, refresh: IconRefresh, share: IconShare,
  'share-off': IconShareOff, 'user-check': IconUserCheck, 'user-share': IconUserShare, 'user-x': IconUserX, x: IconX, sitemap: IconSitemap, check: IconCheck,
  ruler: IconRuler2, currency: IconCurrencyEuro, list: IconListDetails, tags: IconTags, percentage: IconPercentage, 'chart-pie': IconChartPie,
};

const GalleryIcon = lazy(() => import('./iconGallery').then((module) => ({ default: module.GalleryIcon })));

export interface IconProps {
  name: string | null | undefined;
  size?: 16 | 18 | 20 | 24;
  style?: CSSProperties;
}

/** An icon by the name used in metadata; a cube for an unknown one. Always beside a text or inside a labelled control. */
export function Icon({ name, size = 16, style }: IconProps) {
  const key = (name ?? '').replace(/^(tabler-|icon-|Icon)/, '');
  const Known = KNOWN[key];
  if (Known) return <Known size={size} stroke={1.75} aria-hidden style={{ flex: 'none', ...style }} />;
  const fallback = <IconCube size={size} stroke={1.75} aria-hidden style={{ flex: 'none', ...style }} />;
  if (!key) return fallback;
  return (
    <Suspense fallback={fallback}>
      <GalleryIcon name={key} size={size} style={style} />
    </Suspense>
  );
}

/** The icon of an object on its colour, as in navigation and titles. */
export function ObjectIcon({ name, color, size = 20 }: { name: string | null | undefined; color?: string | null; size?: 20 | 24 | 28 }) {
  return (
    <span
      style={{ ...colorPair(color), width: size, height: size, borderRadius: size > 20 ? 6 : 5, display: 'inline-flex', alignItems: 'center', justifyContent: 'center', flex: 'none' }}
    >
      <Icon name={name} size={size > 24 ? 18 : 16} style={{ transform: size === 20 ? 'scale(.875)' : undefined }} />
    </span>
  );
}
