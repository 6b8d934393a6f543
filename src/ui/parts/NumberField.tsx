/** The precise way in: a field that takes a number on Enter or on leaving, arrows one step, Shift ten. */
import { type KeyboardEvent, useState } from 'react';
import { plain } from '../format.ts';
import css from './parts.module.css';

export interface NumberFieldProps {
  readonly label: string;
  /** `null`: off, shown as the placeholder. */
  readonly value: number | null;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly unit?: string;
  readonly disabled?: boolean;
  /** What an empty field means; without it an empty field is no answer. */
  readonly empty?: string;
  readonly onCommit: (value: number | null) => void;
}

export function NumberField({
  label,
  value,
  min,
  max,
  step = 1,
  unit,
  disabled = false,
  empty,
  onCommit,
}: NumberFieldProps) {
  const [draft, setDraft] = useState<string>();
  const clamp = (next: number) => Math.min(max, Math.max(min, next));
  const commit = () => {
    if (draft === undefined) return;
    setDraft(undefined);
    const text = draft
      .trim()
      .replaceAll(/[\s\u202f]/g, '')
      .replace('−', '-')
      .replace(',', '.');
    if (text === '') {
      if (empty !== undefined) onCommit(null);
      return;
    }
    const typed = Number(text);
    if (Number.isFinite(typed) && clamp(typed) !== value) onCommit(clamp(typed));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') commit();
    else if (event.key === 'Escape' && draft !== undefined) {
      event.stopPropagation();
      setDraft(undefined);
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      const by = (event.key === 'ArrowUp' ? step : -step) * (event.shiftKey ? 10 : 1);
      setDraft(undefined);
      onCommit(Number(clamp((value ?? min) + by).toFixed(6)));
    }
  };
  return (
    <label className={css['number']} data-disabled={disabled || undefined}>
      <input
        type="text"
        inputMode="decimal"
        role="spinbutton"
        autoComplete="off"
        aria-label={label}
        aria-valuemin={min}
        aria-valuemax={max}
        aria-valuenow={value ?? undefined}
        disabled={disabled}
        placeholder={empty}
        value={draft ?? (value === null ? '' : plain(value))}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onFocus={(event) => event.target.select()}
        onKeyDown={onKeyDown}
      />
      {unit !== undefined && <span className={css['unit']}>{unit}</span>}
    </label>
  );
}
