/** The room rule on small houses: what it lets through and what it stops. */
import { expect, test } from 'vitest';
import { importsOf } from './imports.ts';
import { violations } from './rooms.ts';

const why = (file: string, text: string) => violations({ [file]: text }, []).map((violation) => violation.why);

test('the arrow: middle rooms meet in core and are joined in pipeline', () => {
  expect(why('flow/gate.ts', `import { a } from '../core/a.ts';`)).toEqual([]);
  expect(why('pipeline/p.ts', `import { a } from '../flow/gate.ts';`)).toEqual([]);
  expect(why('flow/gate.ts', `import { a } from '../metrics/a.ts';`)).toEqual(['flow may import core, not metrics']);
  expect(why('core/a.ts', `import type { A } from '../flow/gate.ts';`)).toHaveLength(1);
  expect(why('ui/App.tsx', `import type { A } from '../pipeline/protocol.ts';`)).toHaveLength(1);
  expect(why('flow/gate.ts', `export { a } from '../pipeline/p.ts';`)).toHaveLength(1);
  expect(why('attic/a.ts', `import '../core/a.ts';`)).toEqual(['"attic" is no room']);
});

test('core uses types of rxjs only', () => {
  expect(why('core/a.ts', `import type { Observable } from 'rxjs';`)).toEqual([]);
  expect(why('core/a.ts', `import { type Observable } from 'rxjs';\nimport * as v from 'valibot';`)).toEqual([]);
  expect(why('core/a.ts', `import { map } from 'rxjs';`)).toHaveLength(1);
  expect(why('core/a.ts', `import { useState } from 'react';`)).toHaveLength(1);
});

test('packages stay in their rooms', () => {
  expect(why('store/s.ts', `import { useState } from 'react';`)).toEqual(['react belongs to ui and main']);
  expect(why('pipeline/p.ts', `import { env } from 'onnxruntime-web/wasm';`)).toHaveLength(1);
  expect(why('engine/e.ts', `const o = await import('onnxruntime-web/wasm');`)).toEqual([]);
});

test('page halves stay on the page and worker code in workers', () => {
  expect(why('sources/camera.ts', `import { open } from './camera.page.ts';`)).toHaveLength(1);
  expect(why('sources/camera.ts', `import type { Open } from './camera.page.ts';`)).toEqual([]);
  expect(why('pipeline/host.page.ts', `import { open } from '../sources/camera.page.ts';`)).toEqual([]);
  expect(why('api/client.ts', `import { createPipeline } from '../pipeline/createPipeline.ts';`)).toHaveLength(1);
  expect(why('api/client.ts', `import type { ToPipeline } from '../pipeline/protocol.ts';`)).toEqual([]);
  expect(why('main.tsx', `new Worker(new URL('./pipeline/pipeline.worker.ts', import.meta.url));`)).toEqual([]);
});

test('an exception lets one import through, and is reported when nothing needs it', () => {
  const files = { 'flow/gate.ts': `import { a } from '../metrics/a.ts';` };
  const exception = { from: 'flow/gate.ts', to: 'metrics/a.ts', reason: 'a test' };
  expect(violations(files, [exception])).toEqual([]);
  expect(violations({ 'flow/gate.ts': '' }, [exception])).toHaveLength(1);
});

test('reads every form of import and none from comments', () => {
  const text = `
    /** import { no } from './no.ts'; */
    // import './no.ts';
    import './a.ts';
    import b, { type B } from "./b.ts";
    import {
      type C,
    } from './c.ts';
    export * from './d.ts';
    type E = import('./e.ts').E;
    const f = () => import('./f.ts');
  `;
  expect(importsOf(text).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
    ['./a.ts', false],
    ['./b.ts', false],
    ['./c.ts', true],
    ['./d.ts', false],
    ['./e.ts', true],
    ['./f.ts', false],
  ]);
});
