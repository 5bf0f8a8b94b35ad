/** Colours of the filter language. */
import { RangeSetBuilder, type EditorState, type Extension } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';
import { StateField } from '@codemirror/state';
import { read, type Role } from './grammar';

const MARKS: Partial<Record<Role, Decoration>> = {
  field: Decoration.mark({ class: 'filter-field' }),
  operator: Decoration.mark({ class: 'filter-operator' }),
  word: Decoration.mark({ class: 'filter-operator' }),
  value: Decoration.mark({ class: 'filter-value' }),
  bracket: Decoration.mark({ class: 'filter-bracket' }),
};

function coloured(state: EditorState): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to, role } of read(state.doc.toString()).tokens) {
    const mark = MARKS[role];
    if (mark) builder.add(from, to, mark);
  }
  return builder.finish();
}

const colours = StateField.define<DecorationSet>({
  create: coloured,
  update: (marks, change) => (change.docChanged ? coloured(change.state) : marks),
  provide: (field) => EditorView.decorations.from(field),
});

export function filterLanguage(): Extension {
  return colours;
}
