/** `npm run dev`: Vite with hot reload and the isolation headers, and the same demo feed at `/feed`. No CSP: hot reload needs inline scripts. */
import { createServer } from 'vite';
import { attachFeed } from './feed.ts';
import { portFrom } from './port.ts';

const vite = await createServer({ server: { port: portFrom(process.env['PORT'], 5173) } });
await vite.listen();
if (vite.httpServer !== null) attachFeed(vite.httpServer as unknown as Parameters<typeof attachFeed>[0]);
vite.printUrls();
