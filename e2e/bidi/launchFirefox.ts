/**
 * Starts Firefox headless on a profile of its own and opens a WebDriver BiDi session; closing removes both.
 * Firefox sets most of what automation needs by itself; the preferences here act before it gets that far.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BidiConnection, connectBidi } from './bidiConnection.ts';

export interface Firefox {
  /** As the session says it, e.g. "firefox 140.0". */
  readonly version: string;
  readonly bidi: BidiConnection;
  close(): Promise<void>;
}

export type Preferences = Readonly<Record<string, boolean | number | string>>;

/** Nothing but the page may use the network. */
const quiet: Preferences = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

const switches = ['--headless', '--no-remote', '--remote-debugging-port=0', '--remote-allow-system-access'];

const startsWithinMs = 40_000;
const endsWithinMs = 5_000;

export async function launchFirefox(path: string, preferences: Preferences = {}): Promise<Firefox> {
  const profile = mkdtempSync(join(tmpdir(), 'weir-firefox-'));
  const lines = Object.entries({ ...quiet, ...preferences }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), `${lines.join('\n')}\n`);
  const child = spawn(path, [...switches, '--profile', profile], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1' },
    // A group of its own, so that its content processes end with it.
    detached: process.platform !== 'win32',
  });
  const killChild = () => kill(child);
  process.once('exit', killChild);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async () => {
    const late = setTimeout(killChild, endsWithinMs);
    await ended;
    clearTimeout(late);
    process.off('exit', killChild);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const bidi = await connectBidi(`${await addressOf(child)}/session`);
    const { capabilities } = await bidi.send('session.new', { capabilities: {} });
    await leaveWorkersAlone(bidi);
    return {
      version: `${capabilities.browserName} ${capabilities.browserVersion}`,
      bidi,
      async close() {
        await bidi.send('browser.close', {}).catch((error: unknown) => {
          console.error('Firefox did not close by itself:', error);
          killChild();
        });
        bidi.close();
        await end();
      },
    };
  } catch (error) {
    killChild();
    await end();
    throw error;
  }
}

/**
 * With a session Firefox watches every worker as a debugger does, and a worker that starts another then hangs now and
 * then (4 of 14 openings of Weir in ESR 153, none of 20 without, none of 24 without a session). Nobody asked for it here.
 */
async function leaveWorkersAlone(bidi: BidiConnection): Promise<void> {
  const chrome = { maxDepth: 0, 'moz:scope': 'chrome' };
  const { contexts } = await bidi.send('browsingContext.getTree', chrome);
  const context = contexts[0]?.context;
  if (context === undefined) throw new Error('Firefox has no window of its own to ask.');
  const expression = 'ChromeUtils.unregisterProcessActor("WebDriverWorkerListener")';
  const answer = await bidi.send('script.evaluate', { expression, awaitPromise: false, target: { context } });
  // Older and newer ones have no such watcher: then there is nothing to take away.
  if (answer.type === 'exception') console.log(`Firefox kept its watch on workers: ${answer.exceptionDetails.text}`);
}

/** The address is all that Firefox says of its BiDi server. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const give = (why: string) => reject(new Error(`Firefox ${why}. It said: ${said.slice(-2000) || 'nothing'}`));
    const late = setTimeout(
      () => give(`did not open WebDriver BiDi within ${startsWithinMs / 1000} s`),
      startsWithinMs,
    );
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(address);
    });
    child.once('error', (error) => give(`did not start (${error.message})`));
    child.once('exit', (code) => {
      clearTimeout(late);
      give(`ended with ${code}`);
    });
  });
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') child.kill('SIGKILL');
  else process.kill(-child.pid, 'SIGKILL');
}
