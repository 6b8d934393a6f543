/** Reads what a file is, and keeps what it read until it ends, so that its memory can be measured. */
import '../../src/trustedTypes.ts';
import { sourceOfBlob } from '../../src/models/blobSource.ts';
import { describeGraph } from '../../src/models/describeGraph.ts';
import { type ReadModel, readModel } from '../../src/models/preflight.ts';

export interface FromPreflight {
  readonly ms: number;
  /** The same with the table of nodes. */
  readonly describedMs: number;
  readonly bytesRead: number;
  readonly parameters: number;
  readonly nodes: number;
}

const kept: (ReadModel | ReturnType<typeof describeGraph>)[] = [];

self.onmessage = ({ data }: MessageEvent<File>) => {
  let bytesRead = 0;
  const file = sourceOfBlob(data);
  const source = {
    size: file.size,
    read(from: number, to: number) {
      bytesRead += to - from;
      return file.read(from, to);
    },
  };
  const started = performance.now();
  const read = readModel(source, data.name);
  const ms = performance.now() - started;
  kept.push(read);
  if (read.model !== undefined) kept.push(describeGraph(read.model, source));
  const describedMs = performance.now() - started;
  const { parameters, nodes } = read.facts;
  self.postMessage({ ms, describedMs, bytesRead, parameters, nodes } satisfies FromPreflight);
};
