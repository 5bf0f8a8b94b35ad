/** Where a filter is wrong: underlined from there on. */
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';

export interface Problem {
  /** As a person counts: the first character is 1. */
  column: number | null;
  message: string;
}

export const setProblem = StateEffect.define<Problem | null>();

const UNDERLINE = Decoration.mark({ class: 'filter-wrong' });

/** The stretch to underline, in UTF-16 units; a problem at the end underlines the last character. */
export function wrongPart(
  text: string,
  column: number | null,
): { from: number; to: number } | null {
  if (text === '') return null;
  const before = [...text].slice(0, Math.max(0, (column ?? 1) - 1));
  if (before.join('').length >= text.length) before.length -= 1;
  return { from: Math.min(before.join('').length, text.length - 1), to: text.length };
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, change) {
    let next = marks.map(change.changes);
    for (const effect of change.effects) {
      if (!effect.is(setProblem)) continue;
      const part = effect.value && wrongPart(change.state.doc.toString(), effect.value.column);
      next = part ? Decoration.set(UNDERLINE.range(part.from, part.to)) : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function problemMark(): Extension {
  return field;
}
