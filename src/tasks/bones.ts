/** Which points of the common sets are joined, so that a person or a hand is seen and not a cloud of dots. */

export type Bone = readonly [from: number, to: number];

/** The 17 of COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles. https://cocodataset.org */
const person: readonly Bone[] = [
  [0, 1],
  [0, 2],
  [1, 3],
  [2, 4],
  [5, 6],
  [5, 7],
  [7, 9],
  [6, 8],
  [8, 10],
  [5, 11],
  [6, 12],
  [11, 12],
  [11, 13],
  [13, 15],
  [12, 14],
  [14, 16],
];

/** The 21 of a hand: the wrist, then four of each finger. */
const hand: readonly Bone[] = [1, 5, 9, 13, 17].flatMap((first) => [
  [0, first],
  [first, first + 1],
  [first + 1, first + 2],
  [first + 2, first + 3],
]);

const none: readonly Bone[] = [];

export function bonesOf(points: number): readonly Bone[] {
  return points === 17 ? person : points === 21 ? hand : none;
}
