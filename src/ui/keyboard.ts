/** Single keys for everything that is done often; silent while a field has focus or an overlay is open. */
import type { Station } from './StationContext.ts';
import { openOverlay } from './verbs.ts';
import { panels, view } from './view.ts';

export const windows = [30, 60, 300] as const;

export function listenToKeys({ store, verbs }: Station): () => void {
  const onKey = (event: KeyboardEvent) => {
    const ctrl = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (ctrl && key === 'k') {
      event.preventDefault();
      openOverlay(view.getState().overlay === 'palette' ? 'none' : 'palette');
      return;
    }
    if (inField(event.target)) return;
    if (ctrl && key === 'z') {
      event.preventDefault();
      if (event.shiftKey) verbs.redo();
      else verbs.undo();
      return;
    }
    if (ctrl || event.altKey || view.getState().overlay !== 'none' || event.defaultPrevented) return;
    if (key === 'Escape') {
      escape();
      return;
    }
    if (!view.getState().singleKeys || !act(key, event)) return;
    event.preventDefault();
  };

  /** From the outermost thing inwards: opening, full size, drawer, span. */
  const escape = () => {
    const { full, drawer } = view.getState();
    if (store.getState().opening !== undefined) verbs.commands.cancelOpening();
    else if (full !== undefined) view.setState({ full: undefined });
    else if (drawer) view.setState({ drawer: false });
    else view.setState({ span: undefined, cursorAt: undefined });
  };

  const act = (key: string, event: KeyboardEvent): boolean => {
    // A focused control keeps its own keys.
    const onControl =
      event.target instanceof HTMLElement &&
      event.target.closest('button, a, [role="combobox"], [role="slider"], input, [role="menu"], [role="listbox"]') !==
        null;
    switch (key) {
      case ' ':
        if (onControl) return false;
        verbs.toggleRunning();
        return true;
      case 's':
        verbs.stop();
        return true;
      case '?':
        openOverlay('keys');
        return true;
      case 'o':
        openOverlay('models');
        return true;
      case 'u':
        openOverlay('link');
        return true;
      case 'c':
        if (innerWidth < 600) view.setState({ tab: 'controls' });
        else if (innerWidth < 1200) view.setState(({ drawer }) => ({ drawer: !drawer }));
        focusPanel('controls');
        return true;
      case 'f':
        view.setState(({ full }) => ({ full: full === undefined ? focusedPanel() : undefined }));
        return true;
      case 'g':
        view.setState(({ truth }) => ({ truth: !truth }));
        return true;
      case 'e':
        document.getElementById('export')?.click();
        return true;
      case 'l':
        verbs.copyLink();
        return true;
      case 't':
        verbs.toggleTheme();
        return true;
      case '[':
      case ']':
        changeWindow(key === ']' ? 1 : -1);
        return true;
      case 'ArrowLeft':
      case 'ArrowRight':
        if (onControl) return false;
        moveCursor((key === 'ArrowRight' ? 1 : -1) * (event.shiftKey ? 10 : 1));
        return true;
      default: {
        const panel = panels[Number(key) - 1];
        if (panel === undefined) return false;
        focusPanel(panel);
        return true;
      }
    }
  };

  const changeWindow = (by: number) => {
    const now = store.getState().settings.windowS;
    const next = by > 0 ? windows.find((seconds) => seconds > now) : windows.findLast((seconds) => seconds < now);
    if (next !== undefined) verbs.change({ windowS: next });
  };

  const moveCursor = (bySeconds: number) => {
    const { seconds } = store.getState().timeline;
    if (seconds.length === 0) return;
    const at = view.getState().cursorAt;
    const found = at === undefined ? -1 : seconds.findIndex((second) => second.at === at);
    const from = found === -1 ? seconds.length : found;
    const index = Math.min(seconds.length - 1, Math.max(0, from + bySeconds));
    view.setState({ cursorAt: seconds[index]?.at });
  };

  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

function focusPanel(name: string): void {
  // The drawer is shown by the next render.
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-panel="${name}"]`)?.focus());
}

function focusedPanel() {
  const name = document.activeElement?.closest<HTMLElement>('[data-panel]')?.dataset['panel'];
  return panels.find((panel) => panel === name) ?? (name === 'stages' ? 'stages' : 'response');
}

function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type="radio"], [type="range"]), textarea, select');
}
