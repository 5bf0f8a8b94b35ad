import type { Stretch } from './buckets';
import type { Palette } from './colours';
import { boxes, HEIGHT, PITCH, type Box, type LaneRow, type Mark } from './lanes';

/** From one stripe of a gap to the next. Unit: px. */
const STRIPE = 4;
/** Of several marks of a kind this near to each other, one is drawn. Unit: px. */
const SLOT = 3;

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
    drawLane(context, boxes(row.spans, scene.range, width), top, scene.palette);
  });
  drawMarks(context, scene, rows.length * PITCH + PITCH / 2);
}

/** One path for all boxes of a kind: thousands of spans cost no more than a few. */
function drawLane(
  context: CanvasRenderingContext2D,
  all: Box[],
  top: number,
  palette: Palette,
): void {
  const of = (kind: Box['kind']): Box[] => all.filter((box) => box.kind === kind);
  const fill = (these: Box[], colour: string, alpha: number): void => {
    context.beginPath();
    for (const { left, right } of these) {
      const width = right - left;
      // Rounded only where the corners show.
      if (width > 4) context.roundRect(left, top, width, HEIGHT, 2);
      else context.rect(left, top, width, HEIGHT);
    }
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  };
  fill(of('records'), palette.accept, 0.75);
  fill(of('capture'), palette.captured, 0.75);
  fill(of('seen'), palette.captured, 0.75);
  const partly = of('partly_seen');
  fill(partly, palette.captured, 0.3);
  hatch(context, partly, top, palette.captured);
  outline(context, of('unseen'), top, palette.captured, false);
  outline(context, of('nodata'), top, palette.accept, false);
  const gaps = of('skipdata');
  fill(gaps, palette.gap, 0.4);
  hatch(context, gaps, top, palette.gap);
  // What is only suspected has no ground of its own, and of what nobody says anything there is a line alone. The same
  // looks stand in GapMark.
  outline(context, of('suspected_missing_file'), top, palette.gap, true);
  dot(context, of('silence'), top, palette.dim);
}

function outline(
  context: CanvasRenderingContext2D,
  these: Box[],
  top: number,
  colour: string,
  dashed: boolean,
): void {
  // Around what may lie there: rows of another source.
  const beyond = dashed ? 2 : 0;
  context.beginPath();
  for (const { left, right } of these) {
    const width = Math.max(0, right - left - 1);
    context.rect(left + 0.5, top + 0.5 - beyond, width, HEIGHT - 1 + 2 * beyond);
  }
  context.globalAlpha = dashed ? 1 : 0.75;
  context.lineWidth = 1;
  context.strokeStyle = colour;
  context.setLineDash(dashed ? [3, 2] : []);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Dots along the middle. */
function dot(context: CanvasRenderingContext2D, these: Box[], top: number, colour: string): void {
  const middle = top + HEIGHT / 2;
  context.beginPath();
  for (const { left, right } of these) {
    context.moveTo(left, middle);
    context.lineTo(right, middle);
  }
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.setLineDash([2, 3]);
  context.stroke();
  context.setLineDash([]);
}

/** Diagonal stripes in gaps, which are told by more than their colour. */
function hatch(context: CanvasRenderingContext2D, gaps: Box[], top: number, colour: string): void {
  context.beginPath();
  for (const { left, right } of gaps) {
    // The stripes of all gaps lie on one grid, so that neighbours match.
    const first = Math.ceil(left / STRIPE) * STRIPE;
    for (let x = first - HEIGHT; x < right; x += STRIPE) {
      // From the lower edge to the upper one, cut at the sides.
      const from = Math.max(x, left);
      const to = Math.min(x + HEIGHT, right);
      if (to <= from) continue;
      context.moveTo(from, top + HEIGHT - (from - x));
      context.lineTo(to, top + HEIGHT - (to - x));
    }
  }
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.stroke();
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
      const slot = Math.floor(x / SLOT);
      if (mark.kind !== kind || x < 0 || x > width || taken.has(slot)) continue;
      taken.add(slot);
      context.beginPath();
      trace(context, kind, x, middle);
      context.fill();
      if (kind === 'finding') context.stroke();
    }
  }
}

/** A triangle for a tag, a square for a note, a dot for a finding. */
function trace(
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
