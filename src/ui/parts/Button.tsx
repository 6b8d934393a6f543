/** A button in one of three weights; every icon that stands alone has a name. */
import type { ComponentProps } from 'react';
import { cx } from '../cx.ts';
import css from './parts.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  readonly weight?: 'primary' | 'default' | 'ghost';
  /** Only an icon: then `aria-label` is its name. */
  readonly bare?: boolean;
}

export function Button({ weight = 'default', bare = false, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(
        css['button'],
        weight === 'primary' && css['primary'],
        weight === 'ghost' && css['ghost'],
        bare && css['icon'],
        className,
      )}
    />
  );
}

export function Key({ children }: { readonly children: string }) {
  return <kbd className={css['kbd']}>{children}</kbd>;
}

export function LinkButton(props: ComponentProps<'button'>) {
  return <button type="button" {...props} className={css['link']} />;
}
