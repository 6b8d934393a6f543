/** Release in order of arrival or of completion, with what is under way always brought to its end. */
import fc from 'fast-check';
import { BehaviorSubject, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { inOrder, type Order } from './inOrder.ts';

function setUp(first: Order = 'arrival') {
  const order$ = new BehaviorSubject<Order>(first);
  const source = new Subject<string>();
  const ready = new Map<string, () => void>();
  const released: string[] = [];
  const emitted: string[] = [];
  const subscription = source
    .pipe(
      inOrder(
        (name: string) => new Promise<string>((resolve) => ready.set(name, () => resolve(name.toUpperCase()))),
        (served, name, waited) => {
          released.push(`${served}${waited ? ' waited' : ''}`);
          return name;
        },
        order$,
      ),
    )
    .subscribe({
      next: (name) => emitted.push(name),
      complete: () => emitted.push('complete'),
      error: () => emitted.push('error'),
    });
  return {
    order$,
    source,
    subscription,
    released,
    emitted,
    send: (names: string) => {
      for (const name of names) source.next(name);
    },
    /** These become ready, one after the other. */
    async finish(names: string) {
      for (const name of names) {
        ready.get(name)?.();
        await Promise.resolve();
        await Promise.resolve();
      }
    },
  };
}

describe('in order', () => {
  test('completion: as they are ready', async () => {
    const { send, finish, released } = setUp('completion');
    send('abc');
    await finish('cab');
    expect(released).toEqual(['C', 'A', 'B']);
  });

  test('arrival: those that are ready early wait for those before them', async () => {
    const { send, finish, released } = setUp('arrival');
    send('abcd');
    await finish('cb');
    expect(released).toEqual([]);
    await finish('a');
    expect(released).toEqual(['A', 'B waited', 'C waited']);
    await finish('d');
    expect(released.at(-1)).toBe('D');
  });

  test('a change to completion releases what is ready, a change back holds again', async () => {
    const { order$, send, finish, released } = setUp('arrival');
    send('abcd');
    await finish('c');
    order$.next('completion');
    expect(released).toEqual(['C waited']);
    order$.next('arrival');
    await finish('d');
    expect(released).toEqual(['C waited']);
    await finish('ab');
    expect(released).toEqual(['C waited', 'A', 'B', 'D waited']);
  });

  test('completes when the source has and the last one is released', async () => {
    const { source, send, finish, emitted } = setUp('arrival');
    send('ab');
    source.complete();
    await finish('b');
    expect(emitted).toEqual([]);
    await finish('a');
    expect(emitted).toEqual(['a', 'b', 'complete']);
  });

  test('what is under way is released also when nobody listens any more or the source errors', async () => {
    for (const how of ['leave', 'error'] as const) {
      const { source, subscription, send, finish, released } = setUp('arrival');
      send('abc');
      await finish('b');
      if (how === 'leave') subscription.unsubscribe();
      else source.error(new Error('gone'));
      expect(released).toEqual(['B waited']);
      await finish('ca');
      expect(released).toEqual(['B waited', 'C', 'A']);
    }
  });

  test('whatever is ready when, each is released once and arrival keeps the order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            pick: fc.nat(),
            leave: fc.boolean(),
            order: fc.constantFrom('arrival', 'completion', 'same' as const),
          }),
          {
            maxLength: 20,
          },
        ),
        fc.boolean(),
        async (acts, mayLeave) => {
          const { order$, send, finish, released, subscription } = setUp('arrival');
          const names = 'abcdefghijklmnopqrst'.split('').slice(0, acts.length);
          send(names.join(''));
          const left = [...names];
          let always = true;
          for (const { pick, leave, order } of acts) {
            if (order !== 'same') {
              always &&= order === 'arrival';
              order$.next(order);
            }
            if (leave && mayLeave) subscription.unsubscribe();
            await finish(left.splice(pick % left.length, 1).join(''));
          }
          const got = released.map((text) => text.charAt(0).toLowerCase());
          expect([...got].sort()).toEqual(names);
          if (always && !subscription.closed) expect(got).toEqual(names);
        },
      ),
      { numRuns: 500 },
    );
  });
});
