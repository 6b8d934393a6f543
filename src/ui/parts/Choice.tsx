/** A select whose list says in one line what each choice does. */
import { Select } from '@base-ui/react/select';
import Check from 'lucide-react/icons/check';
import ChevronDown from 'lucide-react/icons/chevron-down';
import { cx } from '../cx.ts';
import css from './parts.module.css';

export interface ChoiceOption<V> {
  readonly value: V;
  readonly label: string;
  readonly note?: string;
}

export function Choice<V extends string | number>({
  label,
  value,
  options,
  onChange,
  disabled = false,
  bare = false,
}: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly ChoiceOption<V>[];
  readonly onChange: (value: V) => void;
  readonly disabled?: boolean;
  readonly bare?: boolean;
}) {
  return (
    <Select.Root
      value={value}
      items={options}
      disabled={disabled}
      modal={false}
      onValueChange={(next) => {
        if (next !== null && next !== value) onChange(next);
      }}
    >
      <Select.Trigger className={cx(css['select'], bare && css['bare'])} aria-label={label}>
        <Select.Value />
        <Select.Icon>
          <ChevronDown size={14} aria-hidden />
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner
          className={css['positioner']}
          sideOffset={4}
          alignItemWithTrigger={false}
          align={bare ? 'end' : 'start'}
        >
          <Select.Popup className={css['popup']}>
            <Select.List>
              {options.map((option) => (
                <Select.Item key={option.value} value={option.value} className={css['item']}>
                  <Select.ItemIndicator>
                    <Check size={14} aria-hidden />
                  </Select.ItemIndicator>
                  <Select.ItemText className={css['itemText']}>{option.label}</Select.ItemText>
                  {option.note !== undefined && <span className={css['itemNote']}>{option.note}</span>}
                </Select.Item>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}
