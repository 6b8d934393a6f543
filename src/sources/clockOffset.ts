/**
 * How far another machine's clock is from ours, by pings; so its times can be told in ours and the network becomes a stage.
 * The ping with the shortest way is the one to believe (Mills, RFC 5905, clock filter).
 */
export interface ClockOffset {
  /** @param t when the ping left, @param at what the other clock said, @param now when the answer came; all ms */
  pong(t: number, at: number, now: number): void;
  /** A time of the other clock in ours; undefined until a ping was answered, and for what is no time of these days. */
  toOurs(theirs: number, now: number): number | undefined;
}

const kept = 8;
const maxAwayMs = 24 * 3_600_000;

export function createClockOffset(): ClockOffset {
  let samples: { readonly roundTripMs: number; readonly offsetMs: number }[] = [];
  return {
    pong(t, at, now) {
      // A ping from the future was not ours.
      if (t > now) return;
      samples = [...samples, { roundTripMs: now - t, offsetMs: at - (t + now) / 2 }].slice(-kept);
    },
    toOurs(theirs, now) {
      const best = samples.reduce<(typeof samples)[number] | undefined>(
        (least, sample) => (least === undefined || sample.roundTripMs < least.roundTripMs ? sample : least),
        undefined,
      );
      if (best === undefined) return undefined;
      const ours = theirs - best.offsetMs;
      // Seconds instead of milliseconds, or no clock at all.
      if (Math.abs(ours - now) > maxAwayMs) return undefined;
      // The error of the offset must not make a frame arrive before it was sent.
      return Math.min(ours, now);
    },
  };
}
