/** A batch of one, for tests that are about something else. */
import type { EngineJob, EngineReply, InferenceEngine } from '../core/engine.ts';

export async function runOne(engine: Pick<InferenceEngine, 'run'>, job: EngineJob): Promise<EngineReply> {
  const [reply] = await engine.run([job]);
  if (reply === undefined) throw new Error('Each job has a reply.');
  return reply;
}
