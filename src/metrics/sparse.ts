/**
 * Histograms with only the cells that hold something: seconds of history and the wire, where a dense one is 70 kB.
 * A second is first a list of cells in order of arrival, which costs one write per frame, and is sorted once at its end.
 */

/** Cells ascending, each with its count; `n` is their sum. */
export interface SparseHistogram {
  readonly n: number;
  readonly cells: Uint16Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
}

export const emptySparse: SparseHistogram = { n: 0, cells: new Uint16Array(0), counts: new Uint32Array(0) };

/** A growing list of cells in order of arrival. */
export class CellList {
  #cells = new Uint16Array(32);
  #length = 0;

  push(cell: number): void {
    if (this.#length === this.#cells.length) {
      const larger = new Uint16Array(this.#length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[this.#length++] = cell;
  }

  /** Empties the list. */
  take(): SparseHistogram {
    if (this.#length === 0) return emptySparse;
    const sorted = this.#cells.slice(0, this.#length).sort();
    const counts = new Uint32Array(this.#length);
    let kinds = 0;
    // In place: the write index never overtakes the read index.
    for (const cell of sorted) {
      if (kinds === 0 || sorted[kinds - 1] !== cell) sorted[kinds++] = cell;
      counts[kinds - 1] = (counts[kinds - 1] ?? 0) + 1;
    }
    const n = this.#length;
    this.#cells = new Uint16Array(32);
    this.#length = 0;
    return { n, cells: sorted.slice(0, kinds), counts: counts.slice(0, kinds) };
  }
}
