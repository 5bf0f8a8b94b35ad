/** The histogram: uPlot's scales and axes, and bars of our own that keep to whole pixels. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Histogram } from '../bindings';
import { short } from '../format/numbers';
import type { Zone } from '../format/time';
import { timeTicks, valueTicks } from './axis';
import type { Stretch } from './buckets';
import type { Palette } from './colours';
import type { Layer, Stack } from './stack';

export interface Picture {
  histogram: Histogram | null;
  stack: Stack;
  range: Stretch;
  log: boolean;
  zone: Zone;
  palette: Palette;
  /** With the axis of values. Unit: CSS pixels. */
  width: number;
}

/** Room of the axis of values, left of the bars. Unit: px. */
export const AXIS = 40;
/** Height of it all, and of the times on top. Unit: px. */
export const TALL = 112;
const TIMES = 15;
/** Bars at least this wide have a pixel of air between them. Unit: CSS pixels. */
const AIRY = 3;

export class Plot {
  #chart: uPlot | null = null;
  #made = '';
  #picture: Picture | null = null;
  #top = 1;
  readonly #host: HTMLElement;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  draw(picture: Picture): void {
    if (picture.width <= AXIS) return;
    this.#picture = picture;
    this.#top = Math.max(1, highest(picture));
    // What uPlot takes only once: the number of series, the kind of scale, the font.
    const made = `${picture.stack.layers.length} ${picture.log} ${picture.palette.font}`;
    if (made !== this.#made) {
      this.#chart?.destroy();
      this.#chart = new uPlot(this.#options(picture), data(picture), this.#host);
      this.#made = made;
      return;
    }
    const chart = this.#chart;
    chart?.batch(() => {
      if (chart.width !== picture.width) chart.setSize({ width: picture.width, height: TALL });
      chart.setData(data(picture));
    });
  }

  destroy(): void {
    this.#chart?.destroy();
    this.#chart = null;
  }

  #options(picture: Picture): uPlot.Options {
    const colour = (name: 'faint' | 'line-soft') => () => this.#picture?.palette[name] ?? '';
    const range = (): uPlot.Range.MinMax => {
      const { from_us = 0, to_us = 1 } = this.#picture?.range ?? {};
      return [from_us, to_us];
    };
    const axis: uPlot.Axis = {
      font: `10px ${picture.palette.font}`,
      stroke: colour('faint'),
      ticks: { show: false },
      // The ticks are chosen below: any step is right.
      space: 1,
      incrs: (_chart, _axis, from, to) => [to - from],
    };
    const times = () =>
      timeTicks(
        this.#picture?.range ?? picture.range,
        (this.#picture?.width ?? picture.width) - AXIS,
        this.#picture?.zone ?? picture.zone,
      );
    return {
      width: picture.width,
      height: TALL,
      padding: [0, 0, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range },
        y: {
          range: () => [0, this.#top * (picture.log ? 1.4 : 1.05)],
          // Not uPlot's logarithmic scale: that one has no place for zero.
          ...(picture.log ? { distr: 100 as const, fwd: Math.log1p, bwd: Math.expm1 } : {}),
        },
      },
      axes: [
        {
          ...axis,
          side: 0,
          size: TIMES,
          gap: 3,
          grid: { show: false },
          splits: () => times().map((tick) => tick.at),
          values: () => times().map((tick) => tick.label),
        },
        {
          ...axis,
          side: 3,
          size: AXIS,
          gap: 6,
          grid: { stroke: colour('line-soft'), width: 1 },
          splits: () => valueTicks(this.#top, picture.log),
          values: (_chart, values) => values.map(short),
        },
      ],
      series: [
        {},
        ...[...layers(picture)].reverse().map((_, place): uPlot.Series => {
          const layer = (): Layer | undefined => this.#picture?.stack.layers.at(-1 - place);
          return {
            width: 0,
            points: { show: false },
            fill: () => this.#picture?.palette[layer()?.colour ?? 'faint'] ?? '',
            paths: (chart) => this.#bars(chart, place),
          };
        }),
      ],
    };
  }

  /** Bars of a layer and, hidden by those in front, of all below it. */
  #bars(chart: uPlot, place: number): uPlot.Series.Paths {
    const fill = new Path2D();
    const { histogram, stack } = this.#picture ?? {};
    if (histogram && stack) {
      const below = stack.layers.slice(0, stack.layers.length - place);
      const ratio = uPlot.pxRatio;
      const edge = (bucket: number): number =>
        Math.round(chart.valToPos(histogram.from_us + bucket * histogram.width_us, 'x', true));
      const base = Math.round(chart.valToPos(0, 'y', true));
      for (let bucket = 0; bucket < histogram.buckets; bucket += 1) {
        if (!below.at(-1)?.tops[bucket]) continue;
        const left = edge(bucket);
        const room = edge(bucket + 1) - left;
        const width = Math.max(1, room - (room >= AIRY * ratio ? Math.round(ratio) : 0));
        const top = topOf(chart, below, bucket, base, ratio);
        fill.rect(left, top, width, base - top);
      }
    }
    return { fill, stroke: null, clip: null, flags: 0 };
  }
}

/** Upper edge of a bar. Whatever is there at all shows, by a pixel at least. */
function topOf(chart: uPlot, below: Layer[], bucket: number, base: number, ratio: number): number {
  return below.reduce((edge, layer) => {
    if (!layer.values[bucket]) return edge;
    const top = Math.round(chart.valToPos(layer.tops[bucket] ?? 0, 'y', true));
    return Math.min(top, edge - Math.ceil(ratio));
  }, base);
}

const NOTHING: Layer[] = [];

function layers({ histogram, stack }: Picture): Layer[] {
  return histogram ? stack.layers : NOTHING;
}

/** uPlot draws no axes without data: where there are no buckets, the range stands for them. */
function data(picture: Picture): uPlot.AlignedData {
  const { histogram, range } = picture;
  const shown = layers(picture);
  if (!histogram || histogram.buckets === 0) {
    return [[range.from_us, range.to_us], ...shown.map(() => [null, null])];
  }
  const { from_us, width_us, buckets } = histogram;
  const starts = Array.from({ length: buckets }, (_, bucket) => from_us + bucket * width_us);
  return [starts, ...[...shown].reverse().map((layer) => layer.tops)];
}

/** The highest bar that can be seen. */
function highest({ histogram, stack, range }: Picture): number {
  if (!histogram) return 0;
  const { from_us, width_us } = histogram;
  const seen = (_: number, bucket: number): boolean =>
    from_us + (bucket + 1) * width_us > range.from_us && from_us + bucket * width_us < range.to_us;
  return stack.totals.filter(seen).reduce((most, total) => Math.max(most, total), 0);
}
