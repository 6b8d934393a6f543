/**
 * The default Trusted Types policy: same-origin script URLs pass, `blob:`, `data:` and foreign ones throw.
 * Imported first by `main.tsx` and by every worker entry, because each thread has its own `trustedTypes`.
 */
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

function sameOrigin(url: string): string {
  const parsed = new URL(url, self.location.href);
  if (parsed.protocol === 'blob:' || parsed.protocol === 'data:' || parsed.origin !== self.location.origin)
    throw new TypeError(`Refused a script from ${parsed.protocol}//${parsed.host}`);
  return url;
}

const factory = (self as unknown as { trustedTypes?: PolicyFactory }).trustedTypes;
factory?.createPolicy('default', { createScriptURL: sameOrigin });
