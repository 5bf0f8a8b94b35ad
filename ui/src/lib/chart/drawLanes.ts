import type { Stretch } from './buckets';
import type { Palette } from './colours';
import { boxes, HEIGHT, PITCH, type Box, type LaneRow, type Mark } from './lanes';

/** From one stripe of a gap to the next. Unit: px. */
const STRIPE = 4;

interface Scene {
  rows: LaneRow[];
  marks: Mark[];
  range: Stretch;
  /** Unit: CSS pixels. */
  width: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  palette: Palette;
}

/** Draws all lanes and, below them, the marks. */
export function drawLanes(canvas: HTMLCanvasElement, scene: Scene): void {
  const { rows, width, ratio } = scene;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((rows.length + 1) * PITCH * ratio);
  const context = canvas.getContext('2d');
  if (!context || width <= 0) return;
  context.scale(ratio, ratio);
  rows.forEach((row, index) => {
    const top = index * PITCH + (PITCH - HEIGHT) / 2;
    for (const box of boxes(row.spans, scene.range, width)) {
      drawBox(context, box, top, scene.palette);
    }
  });
  drawMarks(context, scene, rows.length * PITCH + PITCH / 2);
}

function drawBox(
  context: CanvasRenderingContext2D,
  { kind, left, right }: Box,
  top: number,
  palette: Palette,
): void {
  const width = right - left;
  context.globalAlpha = kind === 'skipdata' ? 0.4 : 0.75;
  context.beginPath();
  if (kind === 'nodata') {
    context.strokeStyle = palette.accept;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, Math.max(0, width - 1), HEIGHT - 1);
  } else {
    const colours = { records: palette.accept, capture: palette.captured, skipdata: palette.gap };
    context.fillStyle = colours[kind];
    context.roundRect(left, top, width, HEIGHT, Math.min(2, width / 2));
    context.fill();
  }
  context.globalAlpha = 1;
  if (kind === 'skipdata') hatch(context, left, top, width, palette.gap);
}

/** Diagonal stripes within the path: a gap is told by more than its colour. */
function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  colour: string,
): void {
  context.save();
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  // The stripes of all gaps lie on one grid, so that neighbours match.
  const first = Math.floor((left - HEIGHT) / STRIPE) * STRIPE;
  for (let x = first; x < left + width; x += STRIPE) {
    context.moveTo(x, top + HEIGHT);
    context.lineTo(x + HEIGHT, top);
  }
  context.stroke();
  context.restore();
}

function drawMarks(context: CanvasRenderingContext2D, scene: Scene, middle: number): void {
  const { marks, range, width, palette } = scene;
  const scale = width / (range.to_us - range.from_us);
  // Findings last, so that no tag hides one.
  for (const kind of ['tag', 'note', 'finding'] as const) {
    context.fillStyle = { tag: palette.accent, note: palette.dim, finding: palette.finding }[kind];
    context.strokeStyle = palette.panel;
    const taken = new Set<number>();
    for (const mark of marks) {
      const x = Math.round((mark.us - range.from_us) * scale);
      if (mark.kind !== kind || x < 0 || x > width || taken.has(x)) continue;
      taken.add(x);
      context.beginPath();
      outline(context, kind, x, middle);
      context.fill();
      if (kind === 'finding') context.stroke();
    }
  }
}

/** A triangle for a tag, a square for a note, a dot for a finding. */
function outline(
  context: CanvasRenderingContext2D,
  kind: Mark['kind'],
  x: number,
  middle: number,
): void {
  switch (kind) {
    case 'tag':
      context.moveTo(x, middle - 3.5);
      context.lineTo(x + 4, middle + 3.5);
      context.lineTo(x - 4, middle + 3.5);
      break;
    case 'note':
      context.rect(x - 3, middle - 3, 6, 6);
      break;
    case 'finding':
      context.arc(x, middle, 4, 0, 2 * Math.PI);
      break;
  }
}
