/**
 * One end of `weir.v1` that is kept connected: hello, pings and their clock, rules that a sender must keep, reconnects.
 * It knows nothing of frames or credit; `weirV1.ts` does.
 */
import { shownAddress } from '../core/address.ts';
import { WeirError } from '../core/errors.ts';
import type { SourceContext } from '../core/source.ts';
import { decodeWeirV1, encodeWeirV1, weirV1, type WeirHeader, type WeirHeaderOf } from '../core/wire/weirV1.ts';
import { type ClockOffset, createClockOffset } from './clockOffset.ts';
import { fullJitterMs } from '../core/fullJitter.ts';

export interface WeirConnectionOptions {
  readonly url: string;
  readonly create?: (url: string, protocol: string) => WebSocket;
  readonly random?: () => number;
}

export interface WeirConnectionHooks {
  readonly onHello: (hello: WeirHeaderOf<'hello'>) => void;
  /** @throws WeirError of `brokenRule` when the sender may not send it now */
  readonly onData: (header: WeirHeaderOf<'data'>, payload: Uint8Array<ArrayBuffer>, now: number) => void;
  /** The sender has sent all it has. */
  readonly onEnd: () => void;
  /** After a hello: the connection is gone, another one is tried. */
  readonly onLost: () => void;
  /** The sender has said goodbye (close code 1000). */
  readonly onGoodbye: () => void;
  /** There is no such address. */
  readonly onError: (error: WeirError) => void;
}

export interface WeirConnection {
  readonly clock: Pick<ClockOffset, 'toOurs'>;
  send(header: WeirHeader): void;
  /** Tries no more and hears no more; what is sent until the returned function closes it still goes out. */
  leave(): () => void;
}

const helloWithinMs = 10_000;
const pingEveryMs = 10_000;
/** A sender that breaks the rules once will do so again: it is not hammered. */
const brokenRuleAttempt = 4;
/** In the range that RFC 6455 leaves to applications. */
const brokenRuleCode = 4400;
/** `WebSocket.OPEN`, by its number: a test has no WebSocket. */
const openState = 1;

export function brokenRule(url: string, why: string): WeirError {
  return new WeirError('connection-lost', `${hostOf(url)} does not keep to weir.v1: ${why}.`);
}

export function connectWeir(
  options: WeirConnectionOptions,
  hooks: WeirConnectionHooks,
  context: SourceContext,
): WeirConnection {
  const { url, random = Math.random } = options;
  const { clock } = context;
  const create = options.create ?? ((address: string, protocol: string) => new WebSocket(address, protocol));
  let socket: WebSocket | undefined;
  let greeted = false;
  let left = false;
  let attempt = 0;
  let offset = createClockOffset();
  let reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  let helloTimer: ReturnType<typeof setTimeout> | undefined;
  let pingTimer: ReturnType<typeof setInterval> | undefined;

  const send = (header: WeirHeader) => {
    if (socket?.readyState === openState) socket.send(encodeWeirV1(header));
  };
  const stopTimers = () => {
    clearTimeout(reconnectTimer);
    clearTimeout(helloTimer);
    clearInterval(pingTimer);
  };
  const retry = (error: WeirError) => {
    const wait = fullJitterMs(attempt++, random);
    context.onState({ status: 'retrying', retryAt: clock.now() + wait, error: error.toData() });
    reconnectTimer = setTimeout(connect, wait);
  };
  const lose = () => {
    stopTimers();
    if (!greeted) return;
    greeted = false;
    hooks.onLost();
  };
  /** Closed by us, because it makes no sense to listen any longer. */
  const giveUp = (error: WeirError) => {
    if (socket !== undefined) silence(socket);
    socket?.close(brokenRuleCode, error.message.slice(0, 40));
    lose();
    attempt = Math.max(attempt, brokenRuleAttempt);
    retry(error);
  };

  const hello = (header: WeirHeaderOf<'hello'>) => {
    if (greeted) throw brokenRule(url, 'it said hello twice');
    clearTimeout(helloTimer);
    greeted = true;
    // Before any credit, so that a sender that answers in order makes its clock known before its first frame.
    const ping = () => send({ kind: 'ping', t: clock.now() });
    ping();
    pingTimer = setInterval(ping, pingEveryMs);
    hooks.onHello(header);
  };
  const hear = (header: WeirHeader, payload: Uint8Array<ArrayBuffer>, now: number) => {
    if (header.kind === 'hello') return hello(header);
    if (!greeted) throw brokenRule(url, `its first message is ${header.kind}; hello must be`);
    switch (header.kind) {
      case 'data':
        hooks.onData(header, payload, now);
        // Not at the opening: a server that never gets a frame across must not be hammered.
        attempt = 0;
        return;
      case 'ping':
        return send({ kind: 'pong', t: header.t, at: now });
      case 'pong':
        return offset.pong(header.t, header.at, now);
      case 'end':
        return hooks.onEnd();
      case 'credit':
      case 'ack':
      case 'nack':
      case 'result':
        throw brokenRule(url, `it sent ${header.kind}, which is the receiver's word`);
    }
  };

  const connect = () => {
    context.onState({ status: 'opening' });
    let opened = false;
    offset = createClockOffset();
    try {
      socket = create(url, weirV1);
    } catch (error) {
      const message = `"${shownAddress(url)}" is not a WebSocket address: that is ws:// or wss:// and a host, without a #.`;
      hooks.onError(new WeirError('connection-refused', message, { cause: error }));
      return;
    }
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      opened = true;
      const silent = `it took the connection and said no hello within ${helloWithinMs / 1000} s`;
      helloTimer = setTimeout(() => giveUp(brokenRule(url, silent)), helloWithinMs);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      try {
        if (!(data instanceof ArrayBuffer)) throw brokenRule(url, 'it sent text, and every message is binary');
        const { header, payload } = decodeWeirV1(new Uint8Array(data));
        hear(header, payload, clock.now());
      } catch (thrown) {
        if (!(thrown instanceof WeirError)) throw thrown;
        giveUp(thrown);
      }
    };
    socket.onclose = ({ code, reason }) => {
      const wasGreeted = greeted;
      lose();
      if (code === 1000 && wasGreeted) return hooks.onGoodbye();
      const message = !opened
        ? `No WebSocket that speaks weir.v1 answers at ${hostOf(url)}.`
        : wasGreeted
          ? `The connection to ${hostOf(url)} was lost; what was not answered is sent again.`
          : `${hostOf(url)} took the connection and closed it without a hello of weir.v1.`;
      const details = `close code ${code} ${reason.slice(0, 200)}`;
      retry(new WeirError(opened ? 'connection-lost' : 'connection-refused', message, { details }));
    };
  };

  // The hooks may need what this function returns.
  queueMicrotask(() => {
    if (!left) connect();
  });
  return {
    clock: { toOurs: (theirs, now) => offset.toOurs(theirs, now) },
    send,
    leave() {
      left = true;
      stopTimers();
      if (socket !== undefined) silence(socket);
      return () => socket?.close(1000);
    },
  };
}

function silence(socket: WebSocket): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
}
