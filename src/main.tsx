/** Builds the pipeline client and mounts the page. */
import './trustedTypes.ts';
import { createRoot } from 'react-dom/client';
import { createClient } from './api/client.ts';
import { openStation } from './api/openStation.ts';
import { allowedOrigins, listenToMessages } from './api/postMessages.ts';
import { createWeir } from './api/weir.ts';
import { createStation } from './store/station.ts';
import { App } from './ui/App.tsx';

const store = createStation();
const worker = new Worker(new URL('./pipeline/pipeline.worker.ts', import.meta.url), { type: 'module' });
const client = createClient(worker, store);
window.weir = createWeir(client);
const listed = document.querySelector<HTMLMetaElement>('meta[name="weir-origins"]')?.content;
listenToMessages(window.weir, window, allowedOrigins(location.origin, listed));

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');
createRoot(root).render(<App commands={client} store={store} />);
void openStation(client, store);
