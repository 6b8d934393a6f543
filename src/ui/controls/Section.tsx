/** A section of the controls: its title, and at the right a word on its state. */
import type { ReactNode } from 'react';
import css from './controls.module.css';

export function Section({
  title,
  note,
  action,
  children,
}: {
  readonly title: string;
  readonly note?: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className={css['section']} aria-label={title} id={`controls-${title.toLowerCase()}`}>
      <div className={css['sectionHead']}>
        <h2>{title}</h2>
        {note !== undefined && <span>{note}</span>}
        {action}
      </div>
      {children}
    </section>
  );
}
