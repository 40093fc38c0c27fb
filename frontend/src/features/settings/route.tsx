import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, type ComponentType } from 'react';

import { loadFeatureTexts, useT } from '@/i18n';
import { useSession } from '@/metadata';
import { Boundary } from '@/ui/Boundary';
import { useIsPhone } from '@/ui/responsive';
import { ErrorState, NoPermission, SkeletonRows } from '@/ui/states';
import { ProfileSection } from './profile/ProfileSection';
import { SECTIONS } from './sections';
import { SettingsNavigation } from './SettingsNavigation';
import classes from './settings.module.css';

const SecuritySection = lazy(() => import('./security/SecuritySection'));
const UsersSection = lazy(() => import('./people/UsersSection'));
const TeamsSection = lazy(() => import('./people/TeamsSection'));
const UnitsSection = lazy(() => import('./people/UnitsSection'));
const FieldSecuritySection = lazy(() => import('./security/FieldSecuritySection'));
const AuditSection = lazy(() => import('./audit/AuditSection'));
const RolesSection = lazy(() => import('./roles/RolesSection'));
const ObjectsSection = lazy(() => Promise.all([import('./model/ObjectsSection'), loadFeatureTexts('designers')]).then(([module]) => module));
const DuplicateRulesSection = lazy(() => import('./duplicates/DuplicateRulesSection'));
const ExportSection = lazy(() => import('./export/ExportSection'));
const ArchiveSection = lazy(() => import('./archive/ArchiveSection'));
const PersonalSection = lazy(() => Promise.all([import('./personal/PersonalSection'), loadFeatureTexts('personal')]).then(([module]) => module));
const CalendarSection = lazy(() => import('./calendar/CalendarSection'));
const SandboxesSection = lazy(() => import('./sandboxes/SandboxesSection'));
const SolutionsSection = lazy(() => import('./solutions/SolutionsSection'));
const AppsSection = lazy(() => import('./apps/AppsSection'));
const DomainsSection = lazy(() => import('./domains/DomainsSection'));
const SingleSignOnSection = lazy(() => import('./sso/SingleSignOnSection'));
const SupportSection = lazy(() => import('./support/SupportSection'));
const GeneralSection = lazy(() => import('./workspace/GeneralSection'));
const CurrenciesSection = lazy(() => import('./workspace/CurrenciesSection'));
const OptionListsSection = lazy(() => Promise.all([import('./model/OptionListsSection'), loadFeatureTexts('designers')]).then(([module]) => module));
const ChangesSection = lazy(() => Promise.all([import('./model/ChangesSection'), loadFeatureTexts('designers')]).then(([module]) => module));

/** A section gets the rest of the path, such as the id of a role. */
const PAGES: Record<string, ComponentType<{ rest: string | null }>> = {
  profile: ProfileSection,
  security: SecuritySection,
  users: UsersSection,
  roles: RolesSection,
  teams: TeamsSection,
  units: UnitsSection,
  fields: FieldSecuritySection,
  'single-sign-on': SingleSignOnSection,
  audit: AuditSection,
  objects: ObjectsSection,
  'option-lists': OptionListsSection,
  changes: ChangesSection,
  sandboxes: SandboxesSection,
  solutions: SolutionsSection,
  duplicates: DuplicateRulesSection,
  export: ExportSection,
  archive: ArchiveSection,
  calendar: CalendarSection,
  apps: AppsSection,
  domains: DomainsSection,
  general: GeneralSection,
  currencies: CurrenciesSection,
  personal: PersonalSection,
  support: SupportSection,
};

/** `/settings/…`: own navigation with search at the left, one section at the right. */
export default function SettingsPage() {
  const t = useT();
  const session = useSession();
  const phone = useIsPhone();
  const { _splat: splat = '' } = useParams({ strict: false }) as { _splat?: string };
  const [name = '', ...rest] = splat.split('/').filter(Boolean);
  // On a phone the address of the settings is their list; elsewhere the first section stands beside it.
  const shown = name || (phone ? '' : 'profile');
  const section = SECTIONS.find((entry) => entry.path === shown);
  const Page = PAGES[shown];
  const allowed = !section?.shown || section.shown(session);

  return (
    <div className={classes.layout}>
      {(!phone || !shown) && <SettingsNavigation current={shown} />}
      {shown && (
        <div className={classes.content}>
          {phone && (
            <a className={classes.back} href="/settings">
              ‹ {t('settings.title')}
            </a>
          )}
          <Boundary resetKey={splat}>
            <Suspense fallback={<SkeletonRows />}>
              {!Page ? <ErrorState error={{ status: 404 }} /> : allowed ? <Page rest={rest.length ? rest.join('/') : null} /> : <NoPermission right={section ? t(section.label) : undefined} workspace={session.workspace.name} />}
            </Suspense>
          </Boundary>
        </div>
      )}
    </div>
  );
}
