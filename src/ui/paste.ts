/** A file or a link from the clipboard opens as if it were dropped; what is pasted into a field stays there. */
import type { Verbs } from './verbs.ts';
import { view } from './view.ts';

export function listenToPaste(verbs: Verbs): () => void {
  const onPaste = (event: ClipboardEvent) => {
    const { target, clipboardData } = event;
    if (clipboardData === null || (target instanceof HTMLElement && target.matches('input, textarea'))) return;
    const files = [...clipboardData.files];
    const link = linkOf(clipboardData.getData('text/plain'));
    if (files.length === 0 && link === undefined) return;
    event.preventDefault();
    view.setState({ overlay: 'none' });
    if (files.length > 0) verbs.open(files);
    else if (link !== undefined) verbs.open(link);
  };
  document.addEventListener('paste', onPaste);
  return () => document.removeEventListener('paste', onPaste);
}

/** Text that is nothing but an address. */
function linkOf(text: string): string | undefined {
  const link = text.trim();
  return link.length <= 2000 && /^https?:\/\/\S+$/i.test(link) && URL.canParse(link) ? link : undefined;
}
