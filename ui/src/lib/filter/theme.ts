import { EditorView } from '@codemirror/view';

/** The editor in the window's colours: custom properties reach into the shadow root. */
export const theme = EditorView.theme({
  '&': { width: '100%', color: 'var(--text)', fontSize: '11.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    overflowX: 'auto',
    scrollbarWidth: 'none',
    fontFamily: 'var(--mono)',
    lineHeight: '20px',
  },
  '.cm-scroller::-webkit-scrollbar': { display: 'none' },
  // The page itself is not selectable, and what is not selectable cannot be edited.
  '.cm-content': {
    padding: '0',
    caretColor: 'var(--text)',
    cursor: 'text',
    userSelect: 'text',
    WebkitUserSelect: 'text',
  },
  '.cm-line': { padding: '0' },
  '.cm-line ::selection, .cm-line::selection': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 40%, transparent)',
  },
  '.cm-placeholder': { color: 'var(--faint)' },
  '.filter-operator, .filter-bracket': { color: 'var(--accent)' },
  '.filter-value': { color: 'var(--value)' },
  '.filter-wrong': {
    textDecoration: 'underline wavy var(--hit)',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    boxShadow: '0 10px 30px rgb(0 0 0 / 30%)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete': { overflow: 'visible' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    minWidth: '260px',
    maxHeight: '264px',
    fontFamily: 'var(--mono)',
    fontSize: '11.5px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    gap: '16px',
    padding: '3px 9px',
    lineHeight: '16px',
    cursor: 'default',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 22%, var(--raised)) !important',
    color: 'var(--text) !important',
  },
  '.cm-completionMatchedText': { color: 'var(--accent)', textDecoration: 'none' },
  '.cm-completionDetail': {
    marginLeft: 'auto',
    color: 'var(--faint)',
    fontFamily: 'var(--sans)',
    fontStyle: 'normal',
  },
  '.cm-tooltip.cm-completionInfo': {
    maxWidth: '300px',
    padding: '6px 10px',
    fontFamily: 'var(--sans)',
    fontSize: '11.5px',
    lineHeight: '1.45',
  },
});
