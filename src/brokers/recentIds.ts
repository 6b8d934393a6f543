/** Ids of jobs that were done here lately: a delivery that comes again is only acknowledged. Bounded, the oldest leaves. */

export interface RecentIds {
  has(id: string): boolean;
  add(id: string): void;
}

export function createRecentIds(capacity: number): RecentIds {
  // A Set remembers the order of insertion.
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.delete(id);
      ids.add(id);
      if (ids.size <= capacity) return;
      const [oldest] = ids;
      if (oldest !== undefined) ids.delete(oldest);
    },
  };
}
