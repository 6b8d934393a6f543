/** What a first visit downloads: JavaScript of the page and of its workers, gzipped, without ORT; and how many ORT wasm files. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { withBench } from './browser.ts';
import type { BenchEntry } from './result.ts';

const pageLimit = 250;
const workerLimit = 80;

export const size: BenchEntry = {
  about: 'kB gz of JavaScript on first load: page <= 250, workers <= 80, exactly one ORT wasm',
  async run() {
    const requested = new Set<string>();
    const onRequest = ({ url }: { url?: string | undefined }) => {
      requested.add(new URL(url ?? '/', 'http://localhost').pathname);
    };
    const version = await withBench({ onRequest }, async (bench) => {
      const station = await bench.openStation();
      await station.until('results', (now) => now.counts.completed >= 10, 60_000);
      return bench.version;
    });
    const scripts = [...requested].filter((path) => /\.m?js$/.test(path));
    const isOrt = (path: string) => /^ort[.-]/.test(basename(path));
    const onPage = pageScripts();
    const groups = {
      page: scripts.filter((path) => onPage.has(path)),
      workers: scripts.filter((path) => !onPage.has(path) && !isOrt(path)),
      ort: scripts.filter(isOrt),
    };
    const wasm = [...requested].filter((path) => path.endsWith('.wasm'));
    const ortWasm = wasm.filter(isOrt);
    const sizeOf = (paths: readonly string[]) => paths.reduce((sum, path) => sum + gzipped(path), 0) / 1000;
    const pageKb = sizeOf(groups.page);
    const workerKb = sizeOf(groups.workers);
    const rows = Object.entries(groups).flatMap(([group, paths]) =>
      paths.map((path) => [`${group} ${basename(path)}`, gzipped(path) / 1000]),
    );
    return {
      table: [['file', 'kB gz'], ...rows, ...wasm.map((path) => [`wasm ${basename(path)}`, gzipped(path) / 1000])],
      figure: {
        value: pageKb,
        low: pageKb,
        high: pageKb,
        unit: 'kB gz',
        pass: pageKb <= pageLimit && workerKb <= workerLimit && ortWasm.length === 1,
      },
      details: { workerKb, ortWasm: ortWasm.length, wasm: wasm.map((path) => basename(path)), browser: version },
    };
  },
};

function gzipped(path: string): number {
  return gzipSync(readFileSync(`dist${path}`)).length;
}

/** The scripts of index.html and all they import; whatever else was fetched belongs to a worker. */
function pageScripts(): Set<string> {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const [, file = ''] of readFileSync(`dist${path}`, 'utf8').matchAll(/["'`]\.\/([\w.-]+\.js)["'`]/g)) {
      if (!file.includes('.worker-')) visit(`/assets/${file}`);
    }
  };
  const html = readFileSync('dist/index.html', 'utf8');
  for (const [, path = ''] of html.matchAll(/<script[^>]*\ssrc="(?:\.)?(\/[^"]+)"/g)) visit(path);
  return found;
}
