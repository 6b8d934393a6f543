/**
 * The forms of the scene as signed distances, exact or never larger than the true one: what is far from an edge is known
 * to be far, so that whole blocks are filled or skipped at once. Corners are rounded a little, so that no tip is thinner
 * than a pixel and the box of a form is the box of its pixels.
 * Formulas of folded segments: https://iquilezles.org/articles/distfunctions2d/ (facts; the code is ours).
 */

export const sceneClasses = ['circle', 'ring', 'square', 'triangle', 'star', 'cross'] as const;
export type SceneClass = (typeof sceneClasses)[number];

/** A form around the origin, with `radius` from there to its farthest point, in pixels. */
export interface Form {
  /**
   * How far each of `count` places (x, y, x, y … in the form's own, unturned coordinates) is from the edge, in pixels,
   * negative inside. Many at once: a call for each, to one of many forms, would cost more than the measuring.
   */
  measure(places: Float64Array, count: number, distances: Float64Array): void;
  /** Centres of the round corners, and how round they are: the form's extent is theirs. */
  readonly corners: readonly (readonly [x: number, y: number])[];
  readonly rounding: number;
  /** How small its smallest bend is, in pixels: so fine must be looked at. */
  readonly detail: number;
}

/** Half the width of a ring's band and of a cross's arm, as shares of the radius. */
const ringBand = 0.17;
const crossArm = 0.31;
/** Inner to outer corners of a star; 0.382 is the pentagram, more is stouter. */
const starWaist = 0.45;

export function formOf(kind: SceneClass, radius: number): Form {
  const rounding = Math.min(radius * 0.25, Math.max(1, radius * 0.09));
  switch (kind) {
    case 'circle':
      return {
        measure(places, count, distances) {
          for (let i = 0; i < count; i++) distances[i] = length(places[2 * i] ?? 0, places[2 * i + 1] ?? 0) - radius;
        },
        corners: [[0, 0]],
        rounding: radius,
        detail: radius,
      };
    case 'ring': {
      const band = radius * ringBand;
      const middle = radius - band;
      return {
        measure(places, count, distances) {
          for (let i = 0; i < count; i++)
            distances[i] = Math.abs(length(places[2 * i] ?? 0, places[2 * i + 1] ?? 0) - middle) - band;
        },
        corners: [[0, 0]],
        rounding: radius,
        detail: band,
      };
    }
    case 'square': {
      const half = (radius - rounding) * Math.SQRT1_2;
      return {
        measure(places, count, distances) {
          for (let i = 0; i < count; i++) {
            const beyondX = Math.abs(places[2 * i] ?? 0) - half;
            distances[i] = boxDistance(beyondX, Math.abs(places[2 * i + 1] ?? 0) - half) - rounding;
          }
        },
        corners: [-1, 1].flatMap((x) => [-1, 1].map((y) => [x * half, y * half] as const)),
        rounding,
        detail: rounding,
      };
    }
    case 'triangle': {
      const reach = radius - rounding;
      return starForm(3, reach, reach * 0.5, rounding);
    }
    case 'star':
      return starForm(5, radius - rounding, (radius - rounding) * starWaist, rounding);
    case 'cross': {
      const arm = radius * crossArm - rounding;
      const reach = Math.sqrt((radius - rounding) ** 2 - arm * arm);
      return {
        // The union of two bars: exact outside, a little too near inside, which is on the safe side.
        measure(places, count, distances) {
          for (let i = 0; i < count; i++) {
            const x = Math.abs(places[2 * i] ?? 0);
            const y = Math.abs(places[2 * i + 1] ?? 0);
            distances[i] = Math.min(boxDistance(x - reach, y - arm), boxDistance(x - arm, y - reach)) - rounding;
          }
        },
        corners: [-1, 1].flatMap((x) =>
          [-1, 1].flatMap((y) => [[x * reach, y * arm] as const, [x * arm, y * reach] as const]),
        ),
        rounding,
        detail: rounding,
      };
    }
  }
}

/** Not `Math.hypot`, which is slow. */
function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** Of a box, from how far a place is beyond its sides. */
function boxDistance(beyondX: number, beyondY: number): number {
  if (beyondX <= 0 || beyondY <= 0) return Math.max(beyondX, beyondY);
  return Math.sqrt(beyondX * beyondX + beyondY * beyondY);
}

function regular(count: number, radius: number, turn = 0): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (i * 2 * Math.PI) / count - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  });
}

/**
 * `points` outer corners at `reach`, the first one up, and as many inner ones at `waist` between them. All its edges are
 * one edge, mirrored: a place is folded into the wedge of that edge, and only there it is measured.
 */
function starForm(points: number, reach: number, waist: number, rounding: number): Form {
  const half = Math.PI / points;
  // Cosine and sine of each wedge's axis.
  const axes = new Float64Array(points * 2);
  for (let i = 0; i < points; i++) {
    const angle = 2 * half * i - Math.PI / 2;
    axes[2 * i] = Math.cos(angle);
    axes[2 * i + 1] = Math.sin(angle);
  }
  const cornerX = waist * Math.cos(half);
  const cornerY = waist * Math.sin(half);
  // The edge from the outer corner (reach, 0) to the inner one.
  const edgeX = cornerX - reach;
  const edgeY = cornerY;
  const perLength = 1 / (edgeX * edgeX + edgeY * edgeY);
  return {
    corners: regular(points, reach),
    rounding,
    detail: rounding,
    measure(places, count, distances) {
      for (let at = 0; at < count; at++) {
        const x = places[2 * at] ?? 0;
        const y = places[2 * at + 1] ?? 0;
        // Along and beside the axis of the wedge that the place lies in: the one it goes farthest along.
        let along = -Infinity;
        let beside = 0;
        for (let i = 0; i < axes.length; i += 2) {
          const cos = axes[i] ?? 0;
          const sin = axes[i + 1] ?? 0;
          const forward = x * cos + y * sin;
          if (forward <= along) continue;
          along = forward;
          beside = y * cos - x * sin;
        }
        beside = Math.abs(beside);
        const share = Math.min(1, Math.max(0, ((along - reach) * edgeX + beside * edgeY) * perLength));
        const distance = length(along - reach - edgeX * share, beside - edgeY * share);
        const isOutside = (along - reach) * edgeY - beside * edgeX > 0;
        distances[at] = (isOutside ? distance : -distance) - rounding;
      }
    },
  };
}
