import { expect, test } from 'vitest';
import { protocols } from './settings.ts';
import { policyInForce, traitsOf } from './sourceTraits.ts';

test('a WebSocket can wait when its protocol holds the sender back, and Block is then what it does', () => {
  const inForce = protocols.map((protocol) => {
    const traits = traitsOf({ kind: 'websocket', input: 'microphone', protocol });
    return [protocol, traits.pausable, policyInForce('auto', traits), policyInForce('block', traits)];
  });
  expect(inForce).toEqual([
    ['auto', false, 'dropOldest', 'dropOldest'],
    ['plain', false, 'dropOldest', 'dropOldest'],
    ['stream', true, 'block', 'block'],
    ['weir.v1', true, 'block', 'block'],
  ]);
});

test('the protocol of a WebSocket says nothing of other sources', () => {
  const { pausable } = traitsOf({ kind: 'camera', input: 'microphone', protocol: 'weir.v1' });
  expect(pausable).toBe(false);
});
