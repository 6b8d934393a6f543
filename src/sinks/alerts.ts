/** Rules that watch the results of each source: one is told when it has held for as long as it asks, then rests until it ends. */
import type { AlertRule } from '../core/alertRules.ts';
import type { LogRow } from '../core/logRow.ts';

export interface Alerts {
  setRules(rules: readonly AlertRule[]): void;
  /** The rows of one frame of a source, also when there are none; `at`: ms. Gives the rules that hold since long enough, once each. */
  look(source: string, at: number, rows: readonly LogRow[]): readonly AlertRule[];
  clear(): void;
}

const none: readonly AlertRule[] = [];

export function createAlerts(): Alerts {
  let rules: readonly AlertRule[] = [];
  /** Since when a rule holds for a source, and whether it was told. */
  let holding = new Map<string, { since: number; told: boolean }>();
  return {
    setRules(next) {
      rules = next;
      holding = new Map();
    },
    look(source, at, rows) {
      if (rules.length === 0) return none;
      const due: AlertRule[] = [];
      for (const [index, rule] of rules.entries()) {
        const key = `${index} ${source}`;
        if (!rows.some((row) => holds(rule, row))) {
          holding.delete(key);
          continue;
        }
        const known = holding.get(key) ?? { since: at, told: false };
        holding.set(key, known);
        if (known.told || at - known.since < rule.forS * 1000) continue;
        known.told = true;
        due.push(rule);
      }
      return due;
    },
    clear() {
      holding = new Map();
    },
  };
}

function holds({ label, score }: AlertRule, row: LogRow): boolean {
  return row.score > score && (label === 'any' || row.label.toLowerCase() === label);
}
