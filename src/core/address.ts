/** Addresses without what only their owner may know: shown, shared and exported ones pass through here. */

/** An address without user, password and parameters that name a secret. */
export function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  for (const name of [...url.searchParams.keys()]) {
    if (/token|key|secret|pass|pwd|usr|user|login|auth|sig|credential/i.test(name)) url.searchParams.delete(name);
  }
  return url.href;
}

/** Host and path: what tells two addresses apart on screen, and no parameter at all. Also for what is no address. */
export function shownAddress(address: string): string {
  return (address.replace(/\/\/[^/?#@]*@/, '//').split(/[?#]/)[0] ?? '').slice(0, 200);
}
