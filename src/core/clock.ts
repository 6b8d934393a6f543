/** The one clock: `performance.timeOrigin + performance.now()`, in ms, comparable between contexts of one page. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => performance.timeOrigin + performance.now() };
