/** The line between two columns: dragged, moved by arrow keys, set back by a double click. Widths stay in this browser. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { type Column, columnLimits, setColumn, useView } from './view.ts';
import css from './Splitter.module.css';

const labels: Readonly<Record<Column, string>> = { controls: 'Width of the controls', left: 'Width of the preview' };
const stepPx = 8;

export function Splitter({ column }: { readonly column: Column }) {
  const own = useView((values) => values.columns[column]);
  const line = useRef<HTMLDivElement>(null);
  const [min, max] = columnLimits[column];
  /** What it is now, also where no one has chosen a width yet. */
  const width = () => line.current?.previousElementSibling?.getBoundingClientRect().width ?? min;

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const target = event.currentTarget;
    const startX = event.clientX;
    const startWidth = width();
    target.setPointerCapture(event.pointerId);
    const move = (to: globalThis.PointerEvent) => setColumn(column, startWidth + to.clientX - startX);
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('lostpointercapture', end);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('lostpointercapture', end);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? stepPx : event.key === 'ArrowLeft' ? -stepPx : 0;
    if (by === 0) return;
    event.preventDefault();
    setColumn(column, width() + by * (event.shiftKey ? 4 : 1));
  };

  return (
    <div
      ref={line}
      className={css['splitter']}
      data-column={column}
      role="separator"
      aria-orientation="vertical"
      aria-label={labels[column]}
      aria-valuemin={min}
      aria-valuemax={max}
      {...(own === undefined ? {} : { 'aria-valuenow': own })}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onDoubleClick={() => setColumn(column, undefined)}
      onKeyDown={onKeyDown}
    />
  );
}
