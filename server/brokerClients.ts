/** Clients of the brokers in Node over the same websockets that the page uses; Node 20 has no WebSocket of its own. */
import { type ConnectionOptions, type NatsConnection, wsconnect } from '@nats-io/nats-core';
import { WebSocket } from 'ws';
import { openStomp, type StompOptions, type StompSession } from '../src/brokers/stompSession.ts';

export function connectNats(url: string, options: ConnectionOptions = {}): Promise<NatsConnection> {
  return wsconnect({
    servers: url,
    timeout: 5000,
    ...options,
    wsFactory: (address) => {
      const socket = new WebSocket(address.toString());
      socket.binaryType = 'arraybuffer';
      return Promise.resolve({ socket: socket as never, encrypted: false });
    },
  });
}

export function connectStomp(url: string, options: Partial<StompOptions> = {}): Promise<StompSession> {
  return openStomp({
    url,
    lost: () => {},
    createSocket: (address) => new WebSocket(address, ['v12.stomp']) as never,
    ...options,
  });
}
