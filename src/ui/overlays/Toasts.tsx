/** What went wrong and what to do, bottom right. Errors stay until closed; notices leave after six seconds. */
import CircleAlert from 'lucide-react/icons/circle-alert';
import Info from 'lucide-react/icons/info';
import X from 'lucide-react/icons/x';
import { useEffect } from 'react';
import type { Toast } from '../../store/station.ts';
import { capped } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { withFix } from '../sentences.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import css from './overlays.module.css';

const noticeMs = 6000;

export function Toasts() {
  const toasts = useStation((state) => state.toasts);
  return (
    <div className={css['toasts']} data-testid="toasts">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const dismiss = useStation((state) => state.dismissToast);
  const verbs = useVerbs();
  const { id, kind, title, text, code, details, action, stays } = toast;
  const when = toast.opening === true ? 'opening' : toast.source === true ? 'source' : undefined;
  useEffect(() => {
    if (kind === 'error' || stays === true) return;
    const timer = setTimeout(() => dismiss(id), noticeMs);
    return () => clearTimeout(timer);
  }, [dismiss, id, kind, stays]);
  const shownTitle = capped(title, 120);
  const shownText = kind === 'error' ? withFix(capped(text, 400), code, when) : capped(text, 400);
  const raw = [title, text, code, details].filter((part) => part !== undefined && part !== '').join('\n');
  const Icon = kind === 'error' ? CircleAlert : Info;
  return (
    <div
      className={css['toast']}
      role={kind === 'error' ? 'alert' : 'status'}
      data-kind={kind}
      data-code={code}
      data-testid="toast"
    >
      <Icon size={16} aria-hidden />
      <h3>{shownTitle}</h3>
      <Button weight="ghost" bare aria-label="Close" onClick={() => dismiss(id)}>
        <X size={16} aria-hidden />
      </Button>
      {shownText !== '' && <p>{shownText}</p>}
      {(kind === 'error' || action !== undefined) && (
        <div className={css['actions']}>
          {action !== undefined && (
            <Button
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </Button>
          )}
          {kind === 'error' && (
            <Button weight="ghost" onClick={() => verbs.copy(raw, 'The details are on the clipboard')}>
              Copy details
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
