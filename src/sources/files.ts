/** The bytes of any file, for models that look at bytes: each file is one row of them, cut or padded to the model's input. */
import type { Observable } from 'rxjs';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { createOneByOne } from './oneByOne.ts';
import type { Place } from './place.ts';
import { readFile } from './readFile.ts';

/** Of each file, from its beginning: a model that takes bytes takes some thousands. */
const maxBytes = 1024 * 1024;

export function createFiles(
  files: readonly File[],
  settings$: Observable<Settings['source']>,
  place: Place,
  context: SourceContext,
): Source {
  return createOneByOne(
    {
      files,
      none: 'No files are chosen yet.',
      read: (file) =>
        readFile(file, Infinity, async () => {
          const part = file.size <= maxBytes ? file : file.slice(0, maxBytes);
          const data = new Uint8Array(await part.arrayBuffer());
          return {
            payload: { kind: 'tensor', type: 'uint8', dims: [1, data.length], data, fit: 'cut' },
            bytes: data.length,
          };
        }),
    },
    settings$,
    place,
    context,
  );
}
