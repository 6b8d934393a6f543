/**
 * When a result is worth a notice, as a person writes it: `person > 0.8 for 2 s; car > 0.5`. One text, so that it fits
 * into a field and into a link.
 */
import { WeirError } from './errors.ts';

export interface AlertRule {
  /** Lower case; `any` is every label. */
  readonly label: string;
  /** The score must be above it. */
  readonly score: number;
  /** For so long without a gap, s; 0: once is enough. */
  readonly forS: number;
}

const maxRules = 16;
const form = /^(.{1,60}?)\s*>\s*(\d*\.?\d+)(?:\s+for\s+(\d*\.?\d+)\s*s)?$/i;

/** @throws WeirError bad-settings that names the rule and how one is written */
export function parseAlertRules(text: string): readonly AlertRule[] {
  const parts = text
    .split(';')
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.length > maxRules) throw new WeirError('bad-settings', `At most ${maxRules} notices can be set.`);
  return parts.map((part) => {
    const [, label, score, forS] = form.exec(part) ?? [];
    if (label === undefined || score === undefined)
      throw new WeirError(
        'bad-settings',
        `"${part.slice(0, 60)}" is no notice: write it as "person > 0.8 for 2 s", several parted by semicolons.`,
      );
    return { label: label.toLowerCase(), score: Number(score), forS: Number(forS ?? 0) };
  });
}

export function ruleText({ label, score, forS }: AlertRule): string {
  return `${label} above ${score}${forS > 0 ? ` for ${forS} s` : ''}`;
}
