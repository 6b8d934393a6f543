/** A fold among the controls: its title, a fact at the right, and what is under it when it is open. */
import ChevronDown from 'lucide-react/icons/chevron-down';
import type { ReactNode } from 'react';
import css from './controls.module.css';

export function Expander({
  title,
  fact,
  open,
  onToggle,
  children,
}: {
  readonly title: string;
  readonly fact: string;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <>
      <button type="button" className={css['expander']} aria-expanded={open} onClick={() => onToggle(!open)}>
        <ChevronDown size={14} aria-hidden />
        {title}
        <span>{fact}</span>
      </button>
      {open && children}
    </>
  );
}
