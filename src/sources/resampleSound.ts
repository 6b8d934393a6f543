/**
 * Sound from one sample rate to another, piece by piece: a windowed-sinc low pass in polyphase form, so that what lies
 * above the new Nyquist frequency does not come back as a lower tone.
 */

/** Zero crossings of the sinc on each side, at the lower of both rates: more than 70 dB of stop band with this window. */
const crossings = 24;
/** Of the Kaiser window: 70 dB. */
const beta = 7;
/** Pass band as a share of the lower Nyquist frequency; the rest is the slope of the filter. */
const passBand = 0.93;

export interface Resampler {
  /** What is known now: the filter looks ahead. Equal rates give the samples themselves, not a copy. */
  push(samples: Float32Array): Float32Array;
  /** The rest, as if silence followed. */
  flush(): Float32Array;
}

/**
 * Output sample n stands at the time n / toRate. Rates in Hz, whole numbers.
 * Formula: J. O. Smith, Digital Audio Resampling, https://ccrma.stanford.edu/~jos/resample/
 */
export function createResampler(fromRate: number, toRate: number): Resampler {
  if (fromRate === toRate) return { push: (samples) => samples, flush: () => new Float32Array(0) };
  const divisor = gcd(fromRate, toRate);
  /** Output n stands `n * step / phases` input samples after the beginning. */
  const phases = toRate / divisor;
  const step = fromRate / divisor;
  const cutoff = Math.min(1, toRate / fromRate) * passBand;
  const half = Math.ceil(crossings / Math.min(1, toRate / fromRate));
  const kernels: (Float32Array | undefined)[] = Array.from({ length: phases });
  // Silence stands before the first sample.
  let held = new Float32Array(half);
  /** Index of held[0] in the input. */
  let heldFrom = -half;
  let next = 0;

  /** Taps for input samples base - half + 1 … base + half, where base is the input sample at or before the output. */
  const kernelOf = (phase: number): Float32Array => {
    const known = kernels[phase];
    if (known !== undefined) return known;
    const made = Float32Array.from({ length: 2 * half }, (_, i) => tap(i - half + 1 - phase / phases, cutoff, half));
    // Each phase passes a constant unchanged.
    const sum = made.reduce((total, value) => total + value, 0);
    const kernel = made.map((value) => value / sum);
    kernels[phase] = kernel;
    return kernel;
  };

  const push = (samples: Float32Array): Float32Array => {
    const joined = new Float32Array(held.length + samples.length);
    joined.set(held);
    joined.set(samples, held.length);
    const end = heldFrom + joined.length;
    const out: number[] = [];
    for (; ; next++) {
      const base = Math.floor((next * step) / phases);
      if (base + half >= end) break;
      const kernel = kernelOf((next * step) % phases);
      const from = base - half + 1 - heldFrom;
      let value = 0;
      for (let i = 0; i < kernel.length; i++) value += (kernel[i] as number) * (joined[from + i] as number);
      out.push(value);
    }
    const keepFrom = Math.max(heldFrom, Math.floor((next * step) / phases) - half + 1);
    held = joined.slice(keepFrom - heldFrom);
    heldFrom = keepFrom;
    return Float32Array.from(out);
  };

  return { push, flush: () => push(new Float32Array(half)) };
}

function tap(x: number, cutoff: number, half: number): number {
  const edge = x / half;
  if (Math.abs(edge) >= 1) return 0;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
  return sinc * (besselI0(beta * Math.sqrt(1 - edge * edge)) / besselI0(beta));
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
