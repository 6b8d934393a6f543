/** Takes the pictures of the README from the real page: `npm run screenshot` after `npm run build`. */
import { mkdirSync } from 'node:fs';
import { withBench } from '../bench/browser.ts';

mkdirSync('docs', { recursive: true });
await withBench({}, async (bench) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    const station = await bench.openStation('source.ratePerS=60');
    const { page } = station;
    await page.emulateMedia({ colorScheme });
    // Long enough for every percentile to be valid and the charts to have a shape.
    await station.until('900 results', (now) => now.counts.completed >= 900, 90_000);
    await page.screenshot({ path: `docs/running-${colorScheme}.png` });
    console.log(`docs/running-${colorScheme}.png`);
    await page.context().close();
  }
});
