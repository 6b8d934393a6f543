/** The phone's four tabs; wider pages show everything at once and hide them. */
import Activity from 'lucide-react/icons/activity';
import ChartColumn from 'lucide-react/icons/chart-no-axes-column';
import Check from 'lucide-react/icons/check';
import Sliders from 'lucide-react/icons/sliders-horizontal';
import { type Tab, useView, view } from './view.ts';
import css from './Tabs.module.css';

const tabs: readonly { readonly tab: Tab; readonly label: string; readonly Icon: typeof Activity }[] = [
  { tab: 'live', label: 'Live', Icon: Activity },
  { tab: 'charts', label: 'Charts', Icon: ChartColumn },
  { tab: 'controls', label: 'Controls', Icon: Sliders },
  { tab: 'counts', label: 'Counts', Icon: Check },
];

export function Tabs() {
  const current = useView((values) => values.tab);
  return (
    <nav className={`panel ${css['tabs']}`} aria-label="Views">
      {tabs.map(({ tab, label, Icon }) => (
        <button
          key={tab}
          type="button"
          className={css['tab']}
          aria-current={tab === current ? 'page' : undefined}
          onClick={() => view.setState({ tab })}
        >
          <Icon size={20} aria-hidden />
          {label}
        </button>
      ))}
    </nav>
  );
}
