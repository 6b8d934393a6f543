/** The feed command as a person runs it: a child process whose printed address tests connect to. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

export interface FeedProcess {
  /** The address it printed; rejects with all it said when it ended without one. */
  readonly url: Promise<string>;
  /** Everything printed so far. */
  said(): string;
  stop(): Promise<void>;
}

export function startFeed(args: readonly string[], env: NodeJS.ProcessEnv = {}): FeedProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/feedCommand.ts', ...args], {
    env: { ...process.env, INIT_CWD: undefined, HOST: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const url = new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += String(text);
      const found = /ws:\/\/\S+:\d+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then(() => reject(new Error(said)));
  });
  return { url, said: () => said, stop: () => stopProcess(child, ended) };
}

async function stopProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill();
  await ended;
}

/** Why tests that need ffmpeg are skipped, or undefined when it is installed. */
export const noFfmpeg =
  spawnSync('ffmpeg', ['-version']).error === undefined ? undefined : 'ffmpeg is not installed: this test needs it';
