/**
 * What happens when the page is opened: settings from the link, the built-in model, and the demo.
 * A link never connects by itself: a source outside this page waits for Start, unless it was started in this tab before.
 */
import { withoutSecrets } from '../core/address.ts';
import { WeirError } from '../core/errors.ts';
import { sourcesOf } from '../core/settings.ts';
import type { StationStore } from '../store/station.ts';
import type { Client } from './client.ts';
import { settingsFromHash } from './settingsHash.ts';

const builtInModel = 'models/shapes.onnx';
const consentKey = 'weir.consent';

export async function openStation(client: Client, store: StationStore): Promise<void> {
  // Another link pasted over this one; our own changes of the address do not tell of themselves.
  addEventListener('hashchange', () => location.reload());
  let model: string | undefined;
  try {
    const link = settingsFromHash(location.hash);
    model = link.model;
    await client.configure(link.settings);
  } catch (error) {
    const { code, message } = WeirError.wrap(error, 'bad-settings');
    store.getState().addToast({ kind: 'error', title: 'The link was not followed', text: message, code });
  }
  const harmless = sourcesOf(client.settings()).every(
    ({ kind, url }) => kind === 'scene' || kind === 'constant' || (kind === 'websocket' && url === ''),
  );
  if (harmless || rememberedConsent() === consentOf(client)) await client.start();
  rememberConsent(client);
  stopDemoWhileHidden(client);
  markLifecycle(client);
  const wantsModel = () => client.settings().engine.provider !== 'simulated' || model !== undefined;
  if (!wantsModel()) await leavesSimulation(client);
  // Whoever opens a model meanwhile has chosen better than the demo does; only if it fails the demo is better than nothing.
  for (let last = client.opening(); last !== undefined; last = client.opening()) {
    await last;
    if (last === client.opening()) break;
  }
  if (store.getState().model !== undefined) return;
  try {
    await client.openModel(model ?? builtInModel);
  } catch (error) {
    const { code, message, details } = WeirError.wrap(error, 'not-a-model');
    if (code === 'cancelled') return;
    store.getState().addToast({
      kind: 'error',
      title: 'The model was not opened',
      text: message,
      code,
      ...(details === undefined ? {} : { details }),
    });
  }
}

/** The simulated engine needs no model, so none is loaded until a real engine is chosen. */
function leavesSimulation(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = client.subscribe(() => {
      if (client.settings().engine.provider === 'simulated') return;
      unsubscribe();
      resolve();
    });
  });
}

function rememberConsent(client: Client): void {
  let remembered: string | undefined;
  client.subscribe((snapshot) => {
    if (snapshot.state !== 'running') return;
    const consent = consentOf(client);
    if (consent === remembered) return;
    remembered = consent;
    try {
      sessionStorage.setItem(consentKey, consent);
    } catch {
      // Storage is full or forbidden: the link asks again after a reload.
    }
  });
}

function rememberedConsent(): string | null {
  try {
    return sessionStorage.getItem(consentKey);
  } catch {
    return null; // storage is forbidden
  }
}

function consentOf(client: Client): string {
  return JSON.stringify(
    sourcesOf(client.settings()).map(({ kind, url, deviceId, input }) => [kind, withoutSecrets(url), deviceId, input]),
  );
}

/** The demo is for eyes; any other source is work and goes on in a hidden tab. */
function stopDemoWhileHidden(client: Client): void {
  let pausedHere = false;
  const look = () => {
    const { state, model } = client.snapshot();
    const isDemo = sourcesOf(client.settings()).every(({ kind }) => kind === 'scene') && model?.name === 'shapes';
    if (document.hidden && isDemo && state === 'running' && !pausedHere) {
      client.pause();
      pausedHere = true;
    } else if (!document.hidden && pausedHere) {
      pausedHere = false;
      // Whoever stopped it meanwhile meant it.
      if (state === 'paused') void client.start();
    }
  };
  document.addEventListener('visibilitychange', look);
  // Also a tab that was opened in the background.
  client.subscribe(look);
}

/** A hidden or frozen page is throttled by the browser: whoever reads the charts must see when. */
function markLifecycle(client: Client): void {
  document.addEventListener('visibilitychange', () => client.mark(document.hidden ? 'page hidden' : 'page visible'));
  document.addEventListener('freeze', () => client.mark('page frozen'));
  document.addEventListener('resume', () => client.mark('page resumed'));
}
