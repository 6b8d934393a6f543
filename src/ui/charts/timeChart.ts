/**
 * What all time charts share: gutters, the right edge that glides, the cursor, drag to choose a span.
 * A chart draws in the one animation frame, and only when data, colours, size or a pixel of time have changed.
 */
import uPlot from 'uplot';
import type { SecondSlice } from '../../core/telemetry.ts';
import type { StationStore } from '../../store/station.ts';
import { onFrame, prefersStillness } from '../frameLoop.ts';
import { colour, themeVersion } from '../theme.ts';
import { view } from '../view.ts';
import { type Scale, timeStep } from './scale.ts';

/** Seconds reach the page a little after they close; the right edge waits for them so that it is never bare. */
const delayMs = 1200;
const leftGutter = 56;
const phoneWindowS = 30;
const narrow = matchMedia('(max-width: 599px)');
export const chartFont = '11px "Inter Variable", system-ui, sans-serif';

export interface TimeChartOptions {
  readonly store: StationStore;
  readonly series: uPlot.Series[];
  readonly bands?: uPlot.Band[];
  /** Time labels under the plot. */
  readonly timeLabels: (phone: boolean) => boolean;
  readonly top: number;
  readonly bottom?: number;
  data(seconds: readonly SecondSlice[]): (number | null | undefined)[][];
  scale(seconds: readonly SecondSlice[], last: Scale | undefined): Scale;
  label?(value: number): string;
  /** Under the lines. */
  drawBelow?(plot: uPlot, seconds: readonly SecondSlice[]): void;
  /** Over the lines, in the gutters too. */
  drawAbove?(plot: uPlot, seconds: readonly SecondSlice[], phone: boolean): void;
}

interface Hovered {
  readonly plot: uPlot;
  readonly left: number;
}
let hovered: Hovered | undefined;

/** @returns undo */
export function mountTimeChart(host: HTMLElement, options: TimeChartOptions): () => void {
  const { store } = options;
  let shown: readonly SecondSlice[] = [];
  let scale: Scale = options.scale([], undefined);
  let right = Date.now();
  let windowMs = 60_000;
  let phone = narrow.matches;
  // Sizes are told, not asked: a question about layout in every frame costs more than the drawing.
  let width = host.clientWidth;
  let height = host.clientHeight;
  const observer = new ResizeObserver(([entry]) => {
    width = Math.round(entry?.contentRect.width ?? 0);
    height = Math.round(entry?.contentRect.height ?? 0);
  });
  observer.observe(host);
  let drawn = { version: -1, theme: -1, edge: NaN, windowMs: 0, width: 0, height: 0, extra: '' };

  const axisColour = () => colour('--ink-3');
  const grid = { stroke: () => colour('--grid'), width: 1 };
  const common = { stroke: axisColour, font: chartFont, ticks: { show: false }, border: { show: false } };

  let plot: uPlot | undefined;
  const build = () => {
    plot?.destroy();
    phone = narrow.matches;
    const labels = options.timeLabels(phone);
    plot = new uPlot(
      {
        width: Math.max(80, width),
        height: Math.max(24, height),
        padding: [options.top, phone ? 44 : 72, labels ? 0 : (options.bottom ?? 6), phone ? -16 : 0],
        legend: { show: false },
        cursor: {
          x: false,
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
          bind: {
            dblclick: () => () => {
              view.setState({ span: undefined });
              return null;
            },
          },
        },
        scales: {
          x: { time: false, auto: false, range: () => [right - windowMs, right] },
          y: { auto: false, range: () => [scale.min, scale.max] },
        },
        axes: [
          {
            ...common,
            scale: 'x',
            side: 2,
            size: labels ? 24 : 0,
            gap: 6,
            grid,
            splits: (self) => timeSplits(right, windowMs, self.bbox.width / devicePixelRatio),
            values: (_, splits) =>
              labels
                ? splits.map((at) => (at >= right - 1 ? 'now' : `−${((right - at) / 1000).toFixed(0)} s`))
                : splits.map(() => ''),
          },
          {
            ...common,
            scale: 'y',
            side: 3,
            size: leftGutter,
            gap: 10,
            grid,
            splits: () => [...scale.splits],
            values: (_, splits) => splits.map((value) => options.label?.(value) ?? String(value)),
          },
        ],
        series: [{}, ...options.series],
        ...(options.bands === undefined ? {} : { bands: options.bands }),
        hooks: {
          drawAxes: [(self) => options.drawBelow?.(self, shown)],
          draw: [(self) => options.drawAbove?.(self, shown, phone)],
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width < 6) return;
              const from = self.posToVal(left, 'x');
              const to = self.posToVal(left + width, 'x');
              self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              if (to - from >= 2000) view.setState({ span: { from, to } });
            },
          ],
        },
      },
      [[], ...options.series.map(() => [])] as uPlot.AlignedData,
      host,
    );
    const { over } = plot;
    const own = plot;
    over.addEventListener('pointermove', (event) => {
      hovered = { plot: own, left: event.clientX - over.getBoundingClientRect().left };
    });
    over.addEventListener('pointerleave', () => {
      hovered = undefined;
      view.setState({ cursorAt: undefined });
    });
    line = document.createElement('div');
    line.className = 'time-cursor';
    chip = document.createElement('div');
    chip.className = 'time-chip';
    over.append(line);
    if (labels) over.append(chip);
    drawn = { ...drawn, version: -1 };
  };
  let line: HTMLElement | undefined;
  let chip: HTMLElement | undefined;

  const placeCursor = () => {
    if (plot === undefined || line === undefined || chip === undefined) return;
    if (hovered?.plot === plot) {
      const at = plot.posToVal(hovered.left, 'x');
      const found = shown.find((second) => second.at <= at && at < second.at + 1000);
      if (found?.at !== view.getState().cursorAt) view.setState({ cursorAt: found?.at });
    }
    const { cursorAt } = view.getState();
    const left = cursorAt === undefined ? NaN : plot.valToPos(Math.min(cursorAt + 1000, right), 'x');
    const visible = left >= 0 && left <= plot.bbox.width / devicePixelRatio;
    line.hidden = !visible;
    chip.hidden = !visible;
    if (!visible || cursorAt === undefined) return;
    line.style.transform = `translateX(${Math.round(left)}px)`;
    chip.style.transform = `translateX(${Math.round(left)}px) translateX(-50%)`;
    chip.textContent = `−${Math.max(0, (right - cursorAt - 1000) / 1000).toFixed(1)} s`;
  };

  const draw = () => {
    if (width === 0 || document.hidden) return;
    if (plot === undefined || phone !== narrow.matches) build();
    if (plot === undefined) return;
    const { timeline, settings, snapshot, live } = store.getState();
    const last = timeline.seconds.at(-1);
    const oldest = timeline.seconds[0];
    // After a new start, or ten minutes, the seconds of a chosen span are gone.
    const chosen = view.getState().span;
    if (chosen !== undefined && (oldest === undefined || chosen.to < oldest.at))
      view.setState({ span: undefined, cursorAt: undefined });
    const { span } = view.getState();
    const lastEnd = last === undefined ? (live?.now ?? Date.now()) : last.at + 1000;
    windowMs =
      span === undefined ? Math.min(settings.windowS, phone ? phoneWindowS : Infinity) * 1000 : span.to - span.from;
    const now = performance.timeOrigin + performance.now() - delayMs;
    const follows = snapshot.state === 'running' && last !== undefined && !prefersStillness();
    // Without data, after a pause, or for someone who wants stillness, the edge stands at the last closed second.
    const edge = span?.to ?? (follows && Math.abs(now - lastEnd) < 10_000 ? now : lastEnd);
    const pixelMs = windowMs / Math.max(1, width - leftGutter - 72);
    const extra = `${settings.flow.deadlineMs} ${live?.queueLimit} ${live?.inFlightLimit}`;
    const next = {
      version: timeline.version,
      theme: themeVersion(),
      edge: Math.round(edge / pixelMs),
      windowMs,
      width,
      height,
      extra,
    };
    const same = (Object.keys(next) as (keyof typeof next)[]).every((key) => next[key] === drawn[key]);
    if (!same) {
      right = edge;
      if (width !== drawn.width || height !== drawn.height)
        plot.setSize({ width: Math.max(80, width), height: Math.max(24, height) });
      const dataChanged =
        next.version !== drawn.version ||
        next.windowMs !== drawn.windowMs ||
        span !== undefined ||
        next.extra !== drawn.extra;
      if (dataChanged) {
        const from = right - windowMs - 2000;
        shown = timeline.seconds.filter((second) => second.at >= from && second.at <= right + 2000);
        scale = options.scale(shown, scale);
        host.dataset['empty'] = String(shown.length === 0);
        plot.setData(withGaps(shown, options.data(shown)), false);
      }
      drawn = next;
      plot.batch(() => {
        plot?.setScale('x', { min: right - windowMs, max: right });
        plot?.setScale('y', { min: scale.min, max: scale.max });
        plot?.redraw(true, true);
      });
    }
    placeCursor();
  };

  const undo = onFrame(draw);
  return () => {
    undo();
    observer.disconnect();
    if (hovered?.plot === plot) hovered = undefined;
    plot?.destroy();
  };
}

/** No line is drawn across a pause: a row without values stands where seconds are missing. */
function withGaps(seconds: readonly SecondSlice[], columns: (number | null | undefined)[][]): uPlot.AlignedData {
  const times = seconds.map((second) => second.at + 1000);
  const missing = times.map((time, i) => i > 0 && time - (times[i - 1] ?? 0) > 1500);
  const filled = <T>(column: readonly T[], gap: (i: number) => T) =>
    column.flatMap((value, i) => (missing[i] === true ? [gap(i), value] : [value]));
  return [
    filled(times, (i) => (times[i - 1] ?? 0) + 1),
    ...columns.map((column) => filled(column, () => null)),
  ] as uPlot.AlignedData;
}

function timeSplits(right: number, windowMs: number, width: number): number[] {
  const step = timeStep(windowMs / 1000, width) * 1000;
  const splits: number[] = [];
  for (let back = Math.floor(windowMs / step + 1e-6) * step; back >= 0; back -= step) splits.push(right - back);
  return splits;
}

/** A line across the plot at a value, in canvas pixels. */
export function lineAcross(plot: uPlot, y: number, dash: readonly number[], stroke: string): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = ratio;
  ctx.setLineDash(dash.map((length) => length * ratio));
  ctx.moveTo(bbox.left, Math.round(y) + 0.5);
  ctx.lineTo(bbox.left + bbox.width, Math.round(y) + 0.5);
  ctx.stroke();
  ctx.restore();
}

/** Text on the canvas in CSS px at 11 px, at canvas pixels. */
export function textAt(
  plot: uPlot,
  text: string,
  x: number,
  y: number,
  fill: string,
  align: CanvasTextAlign = 'left',
  weight = '',
): void {
  const { ctx } = plot;
  ctx.save();
  ctx.font = `${weight} ${chartFont.replace('11px', `${11 * devicePixelRatio}px`)}`.trim();
  ctx.fillStyle = fill;
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, x, y);
  ctx.restore();
}
