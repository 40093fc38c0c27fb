import { SectionFrame } from '../SectionFrame';
import { useT } from '@/i18n';
import { OwnApps } from './OwnApps';
import { Password } from './Password';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

/** Who can act as this user: password, second factor, browsers signed in, access tokens, apps. */
export default function SecuritySection() {
  const t = useT();
  return (
    <SectionFrame title={t('settings.security')} documentTitle={t('settings.security')} intro={t('security.intro')}>
      <Password />
      <SecondFactor />
      <Sessions />
      <Tokens />
      <OwnApps />
    </SectionFrame>
  );
}
