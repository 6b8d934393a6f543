/** Image files of this computer, `.npy` arrays among them; what they are is seen by their content. */
import type { Observable } from 'rxjs';
import { imageFormatOf } from '../core/imageFormat.ts';
import { maxEncodedBytes } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { isNpy } from '../core/wire/npy.ts';
import { createOneByOne } from './oneByOne.ts';
import type { Place } from './place.ts';
import { readFile } from './readFile.ts';

/** The part of a File that is needed. */
export type ImageFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

export function createImages(
  files: readonly ImageFile[],
  settings$: Observable<Settings['source']>,
  place: Place,
  context: SourceContext,
): Source {
  return createOneByOne(
    {
      files,
      none: 'No images are chosen yet: drop them on the page.',
      read: (file) =>
        readFile(file, maxEncodedBytes, async () => {
          const bytes = new Uint8Array(await file.arrayBuffer());
          const format = imageFormatOf(bytes) ?? (isNpy(bytes) ? 'npy' : 'unknown');
          return { payload: { kind: 'encoded', format, bytes }, bytes: bytes.byteLength };
        }),
    },
    settings$,
    place,
    context,
  );
}
