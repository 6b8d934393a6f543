/** What the pipeline and the page must both know of each kind of source, and the policy that follows from it. */
import type { Policy, Settings, SourceKind } from './settings.ts';
import { isWorkKind } from './work.ts';

export interface SourceTraits {
  readonly defaultPolicy: Policy;
  /** True when the source can wait for demand; only then can `block` be in force. */
  readonly pausable: boolean;
  /** Tensors feed models that take no picture. */
  readonly gives: 'pictures' | 'tensors' | 'both';
}

const microphone: SourceTraits = { defaultPolicy: 'dropOldest', pausable: false, gives: 'tensors' };

/** With credit, or read on demand, the sender itself waits. */
const waitingWebSocket: SourceTraits = { defaultPolicy: 'block', pausable: true, gives: 'both' };

const traits: Readonly<Record<SourceKind, SourceTraits>> = {
  scene: { defaultPolicy: 'latest', pausable: true, gives: 'pictures' },
  camera: { defaultPolicy: 'latest', pausable: false, gives: 'pictures' },
  screen: { defaultPolicy: 'latest', pausable: false, gives: 'pictures' },
  video: { defaultPolicy: 'block', pausable: true, gives: 'pictures' },
  images: { defaultPolicy: 'block', pausable: true, gives: 'both' },
  websocket: { defaultPolicy: 'dropOldest', pausable: false, gives: 'both' },
  mjpeg: { defaultPolicy: 'dropOldest', pausable: true, gives: 'pictures' },
  audio: { defaultPolicy: 'block', pausable: true, gives: 'tensors' },
  files: { defaultPolicy: 'block', pausable: true, gives: 'tensors' },
  nats: { defaultPolicy: 'block', pausable: true, gives: 'both' },
  rabbitmq: { defaultPolicy: 'block', pausable: true, gives: 'both' },
  constant: { defaultPolicy: 'latest', pausable: true, gives: 'both' },
};

type Told = Pick<Settings['source'], 'kind' | 'input'> & Partial<Pick<Settings['source'], 'protocol' | 'subject'>>;

/** Sound that is heard now cannot wait, sound of a file can; a WebSocket can if its protocol holds the sender back. */
export function traitsOf({ kind, input, protocol, subject = '' }: Told): SourceTraits {
  if (kind === 'audio' && input === 'microphone') return microphone;
  if (kind === 'websocket' && (protocol === 'stream' || protocol === 'weir.v1')) return waitingWebSocket;
  // What is published on a subject comes when it comes.
  if (isWorkKind(kind) && !isWorkSource({ kind, subject })) return traits.websocket;
  return traits[kind];
}

/** The policy that acts when `policy` was asked of a source of this kind. */
export function policyInForce(policy: Policy | 'auto', { defaultPolicy, pausable }: SourceTraits): Policy {
  return policy === 'auto' || (policy === 'block' && !pausable) ? defaultPolicy : policy;
}

/** Its deliveries are jobs that are acknowledged; a subject of core NATS only tells what happens. */
export function isWorkSource({ kind, subject }: Pick<Settings['source'], 'kind' | 'subject'>): boolean {
  return isWorkKind(kind) && subject === '';
}
