#!/usr/bin/env bash
# What the window's budgets are held against: a generated case of ROWS records (5 million by default, kept for the next
# run), driven in the real window. Prints figures and their limits; passes nothing and fails nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
rows="${ROWS:-5000000}"
programs="${CARGO_TARGET_DIR:-target}/debug"
generated="sample-data/generated/bench-$rows"
case="$generated/case.tidemark"

if [[ ! -e $case/loaded ]]; then
  rm -rf "$generated"
  mkdir -p "$generated"
  "$programs/sample-data" --out "$generated" --flow-records "$rows"
  "$programs/tidemark" new "$case" --title "Generated, $rows records"
  "$programs/tidemark" add "$case" "$generated/incident" | tail -n 1
  touch "$case/loaded"
fi
# Compositing in software would be measured instead of the window: there is no graphics card below this screen.
WEBKIT_DISABLE_COMPOSITING_MODE=1 "$programs/window_bench" "$case"
