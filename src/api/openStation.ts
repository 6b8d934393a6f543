/**
 * What happens when the page is opened: settings from the link, the built-in model, and the demo.
 * A link never connects by itself: a source outside this page waits for Start, and a model of another site for consent,
 * unless they were opened in this tab before.
 */
import { withoutSecrets } from '../core/address.ts';
import { WeirError } from '../core/errors.ts';
import { isKeptAddress, keptAddress } from '../core/library.ts';
import { sourcesOf } from '../core/settings.ts';
import type { StationStore } from '../store/station.ts';
import type { Client } from './client.ts';
import { foreignUrl, needsConsent } from './modelConsent.ts';
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
  const kept = await keptOf(model, client).catch(() => undefined);
  const asks = kept === undefined && model !== undefined && needsConsent(model) ? model : undefined;
  if (asks !== undefined) askForModel(asks, client, store);
  try {
    await client.openModel(kept ?? (asks === undefined ? (model ?? builtInModel) : builtInModel));
  } catch (error) {
    tellNotOpened(error, store);
    // A kept model that is gone leaves the page with the demo rather than with nothing.
    if (kept !== undefined || (model !== undefined && isKeptAddress(model)))
      await client.openModel(builtInModel).catch((again: unknown) => tellNotOpened(again, store));
  }
}

/** What is kept of that address, so that a reload needs neither network nor consent. */
async function keptOf(model: string | undefined, client: Client): Promise<string | undefined> {
  const url = model === undefined ? undefined : foreignUrl(model);
  if (url === undefined) return undefined;
  const { entries } = await client.library();
  const entry = entries.find((each) => each.url === url);
  return entry === undefined ? undefined : keptAddress(entry.id);
}

function askForModel(model: string, client: Client, store: StationStore): void {
  const { host } = new URL(model, location.href);
  const open = () => {
    client.openModel(model).catch((error: unknown) => tellNotOpened(error, store));
  };
  store.getState().addToast({
    kind: 'notice',
    stays: true,
    title: `The link brings a model from ${host.slice(0, 80)}`,
    text: `Nothing was loaded from there: open it if you trust whoever sent the link. ${model.slice(0, 200)}`,
    action: { label: 'Open it', run: open },
  });
}

function tellNotOpened(error: unknown, store: StationStore): void {
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
  // A page that is left may be kept and come back; one that is closed has a moment to give back its jobs.
  addEventListener('pagehide', () => client.mark('page frozen'));
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) client.mark('page resumed');
  });
}
