#!/usr/bin/env bash
# What the budgets are held against: loading beside DuckDB's own reader (LOADS, by default 5 million records; 50000000
# takes minutes), the questions of an analyst over ASKED records (20 million), and a generated case of ROWS records (5
# million) in the real window; with INDEXED=10000, captures ten times as large. What is generated is kept for the next run. Prints figures and their limits; passes
# nothing and fails nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
rows="${ROWS:-5000000}"
programs="${CARGO_TARGET_DIR:-target}/debug"
generated="sample-data/generated/bench-$rows"
case="$generated/case.tidemark"

for loads in ${LOADS:-5000000}; do
  "$programs/load_bench" "sample-data/generated/load-$loads" "$loads"
done
asked="${ASKED:-20000000}"
"$programs/load_bench" "sample-data/generated/load-$asked" "$asked"
"$programs/examples/query_bench" "sample-data/generated/load-$asked/case.tidemark/case.duckdb"

captured="${CAPTURED:-1000}"
"$programs/capture_bench" "sample-data/generated/capture-$captured" "$captured"
# Whether memory stays flat: 27 GB on the disk.
for indexed in ${INDEXED:-}; do
  "$programs/capture_bench" indexing "sample-data/generated/capture-$indexed" "$indexed"
done

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
