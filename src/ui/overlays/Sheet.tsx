/** A dialog of this page: backdrop, title, close; Escape and a click beside it close it. */
import { Dialog } from '@base-ui/react/dialog';
import X from 'lucide-react/icons/x';
import type { ReactNode } from 'react';
import { Button } from '../parts/Button.tsx';
import { openOverlay } from '../verbs.ts';
import css from './overlays.module.css';

export function Sheet({
  title,
  bare = false,
  wide = false,
  children,
}: {
  readonly title: string;
  /** The content brings its own head. */
  readonly bare?: boolean;
  /** Room for a table. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) openOverlay('none');
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className={css['backdrop']} />
        <Dialog.Popup className={css['dialog']} data-wide={wide || undefined}>
          {bare ? (
            <Dialog.Title className="hidden">{title}</Dialog.Title>
          ) : (
            <div className={css['dialogHead']}>
              <Dialog.Title>{title}</Dialog.Title>
              <Dialog.Close
                render={
                  <Button weight="ghost" bare aria-label="Close">
                    <X size={16} aria-hidden />
                  </Button>
                }
              />
            </div>
          )}
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
