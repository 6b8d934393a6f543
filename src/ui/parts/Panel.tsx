/** A panel: title with its unit, values at the right. Focusable by its number key, full size by F. */
import type { ReactNode } from 'react';
import { cx } from '../cx.ts';
import { type PanelName, useView } from '../view.ts';
import css from './parts.module.css';

export function Panel({
  name,
  title,
  shortTitle,
  unit,
  head,
  legend,
  className,
  children,
}: {
  readonly name: PanelName;
  readonly title: string;
  /** On a phone. */
  readonly shortTitle?: string;
  readonly unit?: string;
  readonly head?: ReactNode;
  /** Beside the title. */
  readonly legend?: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}) {
  const full = useView((values) => values.full === name);
  return (
    <section
      className={cx('panel', className)}
      aria-label={title}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- panels scroll and fill the page by key, so keys must reach them
      tabIndex={0}
      data-panel={name}
      data-full={full || undefined}
    >
      <header className={css['head']}>
        <h2 className={css['title']}>
          {shortTitle === undefined ? (
            title
          ) : (
            <>
              <i className={css['wide']}>{title}</i>
              <i className={css['narrow']}>{shortTitle}</i>
            </>
          )}
          {unit !== undefined && <span> {unit}</span>}
        </h2>
        {legend}
        <span className={css['spacer']} />
        {head}
      </header>
      {children}
    </section>
  );
}

export function Tile({
  name,
  value,
  unit,
  weak = false,
  small = false,
  width,
}: {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  /** Too few samples: the number is shown in grey. */
  readonly weak?: boolean;
  readonly small?: boolean;
  /** Characters reserved for the value, so that it never moves its neighbours. */
  readonly width?: number;
}) {
  return (
    <span
      className={cx(css['tile'], small && css['small'])}
      data-weak={weak || undefined}
      title={weak ? 'n too small' : undefined}
    >
      {name}
      <b style={width === undefined ? undefined : { minWidth: `${width * 0.56}em` }}>{value}</b>
      {unit !== undefined && <span>{unit}</span>}
    </span>
  );
}
