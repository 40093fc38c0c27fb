import { useT } from '@/i18n';
import { useSession } from '@/metadata';
import { formatting } from '@/ui/formatting';
import { PageFrame } from '@/ui/PageFrame';
import { Checklist } from '../home/Checklist';
import { DueActivities } from '../home/DueActivities';
import { RecentRecords } from '../home/RecentRecords';
import classes from '../home/home.module.css';

/** Which greeting fits the hour on the user's clock. */
function greeting(): 'home.greeting.morning' | 'home.greeting.day' | 'home.greeting.evening' {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: formatting().timeZone, hour: '2-digit', hourCycle: 'h23' }).format(Date.now()));
  return hour < 12 ? 'home.greeting.morning' : hour < 18 ? 'home.greeting.day' : 'home.greeting.evening';
}

/** `/`: what is due, what was open last, and the first steps. */
export default function HomeRoute() {
  const t = useT();
  const { user } = useSession();
  return (
    <PageFrame title={t('home.title')}>
      <div className={classes.page}>
        <h2 className={classes.greeting}>{t(greeting(), { name: user.name.split(' ')[0] ?? user.name })}</h2>
        <div className={classes.columns}>
          <div className={classes.main}>
            <Checklist />
            <DueActivities />
          </div>
          <div className={classes.side}>
            <RecentRecords />
          </div>
        </div>
      </div>
    </PageFrame>
  );
}
