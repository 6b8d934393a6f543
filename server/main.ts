/** `npm start`: serves the built page and the demo feed on one printed address. `PORT` and `HOST` override the defaults. */
import { existsSync } from 'node:fs';
import { startHost } from './host.ts';
import { portFrom } from './port.ts';

try {
  if (!existsSync('dist/index.html')) throw new Error('The page is not built yet: run "npm start" or "npm run build".');
  const host = await startHost({
    port: portFrom(process.env['PORT'], 4173),
    address: process.env['HOST'] ?? '127.0.0.1',
    onTaken: (port) => console.log(`Port ${port} is taken, trying ${port + 1}.`),
  });
  console.log(`Weir runs at ${host.url}`);
  const stop = () => void host.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
