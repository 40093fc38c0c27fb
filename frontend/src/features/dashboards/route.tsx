import { useNavigate, useSearch } from '@tanstack/react-router';

import { SalesDashboard } from './SalesDashboard';

type Search = Record<string, unknown>;

/** `/dashboards`: the sales dashboard. Its filters stand in the address. */
export default function DashboardsRoute() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const setSearch = (next: Search, options?: { replace?: boolean }) =>
    void navigate({ to: '.', replace: options?.replace, search: (before: Search) => Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value != null && value !== '')) });
  return <SalesDashboard search={search} setSearch={setSearch} />;
}
