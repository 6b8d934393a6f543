/**
 * The same headers as a file for static hosts (`_headers`, the format of Netlify and Cloudflare Pages).
 * `npm run fix` writes `public/_headers` with it, and a test holds the two equal.
 */
import { productionHeaders } from './headers.ts';

export const headersFilePath = 'public/_headers';

export function headersFile(): string {
  const lines = Object.entries(productionHeaders).map(([name, value]) => `  ${name}: ${value}`);
  return [
    '# Headers that every response of Weir needs, worker scripts included: Netlify and Cloudflare Pages read this file.',
    '# Other hosts take the same lines in their own form. Narrow connect-src to the servers your streams come from.',
    '/*',
    ...lines,
    '/assets/*',
    '  Cache-Control: public, max-age=31536000, immutable',
    '',
  ].join('\n');
}
