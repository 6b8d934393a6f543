/** Whether a link may make this browser call another site: what a person opened in this tab before it may. */
import { isKeptAddress } from '../core/library.ts';
import { isLoadAddress } from '../core/loadRecipe.ts';

const key = 'weir.consent.model';

/** A link must not connect before a person has said so. */
export function needsConsent(address: string): boolean {
  const url = foreignUrl(address);
  return url !== undefined && recall() !== url;
}

/** Undefined: it is of this site, or no address of a site at all. */
export function foreignUrl(address: string): string | undefined {
  if (isLoadAddress(address) || isKeptAddress(address) || !URL.canParse(address, location.href)) return undefined;
  const url = new URL(address, location.href);
  return url.origin === location.origin ? undefined : url.href;
}

export function rememberModel(url: string): void {
  try {
    sessionStorage.setItem(key, url);
  } catch {
    // Storage is full or forbidden: the link asks again after a reload.
  }
}

function recall(): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null; // storage is forbidden
  }
}
