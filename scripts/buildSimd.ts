/** Compiles the AssemblyScript modules to the `.wasm` files that are committed beside the code. A unit test rebuilds and compares. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export const simdModules = [
  { source: 'src/engine/assembly/prepare.as.ts', artefact: 'src/engine/prepare.wasm' },
  { source: 'src/pixels/assembly/yuv.as.ts', artefact: 'src/pixels/yuv.wasm' },
] as const;

/** The bytes that `asc` makes of one source, without touching the committed artefact. */
export function compileSimd(source: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'weir-simd-'));
  try {
    const out = join(folder, 'out.wasm');
    const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
    const options = ['--enable', 'simd', '-O3', '--noAssert', '--runtime', 'stub', '--outFile', out];
    execFileSync(process.execPath, [asc, source, ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { source, artefact } of simdModules) {
    const bytes = compileSimd(source);
    writeFileSync(join(root, artefact), bytes);
    console.log(`${artefact}  ${bytes.length} bytes`);
  }
}
