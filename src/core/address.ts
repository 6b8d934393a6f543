/** Addresses without what only their owner may know: shown, shared and exported ones pass through here. */

/** An address without user, password and parameters that name a secret. */
export function withoutSecrets(address: string): string {
  const relativeTo = 'http://relative.invalid/';
  const isWhole = URL.canParse(address);
  if (!isWhole && !URL.canParse(address, relativeTo)) return address;
  const url = new URL(address, isWhole ? undefined : relativeTo);
  url.username = '';
  url.password = '';
  // Never sent to a server, so there for the page alone: tokens of logins stand here.
  url.hash = '';
  for (const name of [...url.searchParams.keys()]) if (secretName.test(name)) url.searchParams.delete(name);
  if (isWhole) return url.href;
  // What was said without a host stays without one.
  const path = address.split(/[?#]/)[0] ?? '';
  return path + url.search;
}

const secretName = /token|key|secret|pass|pwd|^pw$|usr|user|login|auth|sig|credential|jwt|session|^sid$|^code$/i;

/** Host and path: what tells two addresses apart on screen, and no parameter at all. Also for what is no address. */
export function shownAddress(address: string): string {
  return (address.replace(/\/\/[^/?#]*@/, '//').split(/[?#]/)[0] ?? '').slice(0, 200);
}
