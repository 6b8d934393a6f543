/** Little's law as a check of our own instruments: three numbers measured apart that must agree. */

export interface LittleFacts {
  /** Length of the window, ms. */
  readonly spanMs: number;
  /** L: time mean of queued + in flight, from the event integral of the live counters. */
  readonly meanInSystem: number;
  /** Admitted within the window; lambda = admitted / span. */
  readonly admitted: number;
  /** W: mean from admission to settlement over those that ended within the window, drops included, ms; NaN when none ended. */
  readonly residenceMs: number;
}

/**
 * |L - lambda W| / L (J. D. C. Little, 1961). Undefined when nothing passed or ended, or when the window is shorter than 100 W:
 * what stands across its two edges would then be mistaken for an error of the instruments.
 */
export function littleError({ spanMs, meanInSystem, admitted, residenceMs }: LittleFacts): number | undefined {
  if (admitted === 0 || meanInSystem <= 0 || !(spanMs >= 100 * residenceMs)) return undefined;
  return Math.abs(meanInSystem - (admitted / spanMs) * residenceMs) / meanInSystem;
}
