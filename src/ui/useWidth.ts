/** The width of an element in CSS px, 0 while it is hidden. */
import { type RefObject, useLayoutEffect, useState } from 'react';

export function useWidth(frame: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    // The observer tells the first width too, before the first paint.
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
