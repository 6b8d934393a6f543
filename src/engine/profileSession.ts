/**
 * In an engine worker of its own: the model with the runtime's profiler on, fed with one frame again and again. The runtime
 * writes its profile to the console when it is asked to end, and nowhere else; it takes hold of the console as it loads.
 */
import { systemClock } from '../core/clock.ts';
import { WeirError } from '../core/errors.ts';
import type { Profile } from '../core/profile.ts';
import type { TensorValue } from '../core/tensor.ts';
import { createOrtSession, type SessionOptions } from './ortSession.ts';
import { readProfile } from './readProfile.ts';

/** The runs of the first seconds are compiled better while they run; the later half counts. */
const forMs = 4000;
const leastRuns = 6;
const mostRuns = 200;

export async function profileSession(
  options: SessionOptions,
  feed: (inputs: SessionInfos) => Promise<TensorValue | undefined>,
): Promise<Omit<Profile, 'model'>> {
  const heard = hearConsole();
  try {
    const session = await createOrtSession({ ...options, profile: true });
    const input = await feed(session.inputs);
    const started = systemClock.now();
    for (let runs = 0; runs < leastRuns || (runs < mostRuns && systemClock.now() - started < forMs); runs++)
      await (await session.run(input)).results;
    session.endProfiling();
    const { provider, threads } = session.facts;
    if (provider === 'simulated') throw new Error('A simulation has no operators.');
    return { provider, threads, ...readProfile(heard.text()) };
  } catch (thrown) {
    if (thrown instanceof WeirError) throw thrown;
    throw new WeirError('bad-output', 'The runtime gave no profile that could be read.', { cause: thrown });
  } finally {
    heard.end();
  }
}

type SessionInfos = Awaited<ReturnType<typeof createOrtSession>>['inputs'];

/** Everything that would be logged, from now on; the lines of a profile are parts of one text. */
function hearConsole(): { text(): string; end(): void } {
  const own = console.log;
  const lines: string[] = [];
  console.log = (...words: unknown[]) => void lines.push(words.map(String).join(' '));
  return {
    text() {
      const all = lines.join('\n');
      return all.slice(Math.max(0, all.indexOf('[')));
    },
    end() {
      console.log = own;
    },
  };
}
