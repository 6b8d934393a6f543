/** The line between two columns: dragged, moved by arrow keys, set back by a double click. Widths stay in this browser. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { type Column, columnLimits, setColumn } from './view.ts';
import css from './Splitter.module.css';

const labels: Readonly<Record<Column, string>> = { controls: 'Width of the controls', left: 'Width of the preview' };
const stepPx = 8;

export function Splitter({ column }: { readonly column: Column }) {
  const line = useRef<HTMLDivElement>(null);
  const [min, max] = columnLimits[column];
  /** Of the column before it; the design's own where no one has chosen one yet. */
  const [width, setWidth] = useState<number>(min);
  useEffect(() => {
    const before = line.current?.previousElementSibling;
    if (!before) return;
    const observer = new ResizeObserver(() => setWidth(Math.round(before.getBoundingClientRect().width)));
    observer.observe(before);
    return () => observer.disconnect();
  }, []);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const target = event.currentTarget;
    const startX = event.clientX;
    const startWidth = width;
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
    setColumn(column, width + by * (event.shiftKey ? 4 : 1));
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
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onDoubleClick={() => setColumn(column, undefined)}
      onKeyDown={onKeyDown}
    />
  );
}
