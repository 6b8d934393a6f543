/** A control row: label, control, and under them the reason why it is off or what is in force. */
import type { ReactNode } from 'react';
import css from './parts.module.css';

export function Row({
  label,
  off = false,
  note,
  children,
}: {
  readonly label: string;
  readonly off?: boolean;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div
      className={css['row']}
      role="group"
      aria-label={label}
      aria-disabled={off || undefined}
      data-off={off || undefined}
    >
      <span className={css['label']}>{label}</span>
      {children}
      {note !== undefined && note !== '' && <div className={css['reason']}>{note}</div>}
    </div>
  );
}
