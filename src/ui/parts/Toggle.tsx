/** A switch for things that take effect at once; grey, because no outcome and no action is meant. */
import { Switch } from '@base-ui/react/switch';
import css from './parts.module.css';

export function Toggle({
  label,
  checked,
  disabled = false,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <Switch.Root
      aria-label={label}
      className={css['switch']}
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
    >
      <Switch.Thumb className={css['switchThumb']} />
    </Switch.Root>
  );
}
