/** Writes `public/_headers` from `server/headers.ts`, so that static hosts and our own server never differ. */
import { writeFileSync } from 'node:fs';
import { headersFile, headersFilePath } from '../server/headersFile.ts';

writeFileSync(headersFilePath, headersFile());
