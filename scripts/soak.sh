#!/usr/bin/env bash
# The long checks: every Rust test with its loops at full length, then each fuzz target for FUZZ seconds (120), then a
# large generated load whose counts must equal the generator's own. ROWS sets its size. Ends with "N passed, N failed" for
# the large load.
set -euo pipefail
cd "$(dirname "$0")/.."
rows="${ROWS:-20000000}"
profile="${CARGO_TARGET_DIR:-target}/debug"
generated=sample-data/generated/soak

cargo build --workspace --bins
TIDEMARK_SOAK=1 cargo test --workspace --no-fail-fast
scripts/fuzz.sh "${FUZZ:-120}"

rm -rf "$generated"
mkdir -p "$generated"
"$profile/sample-data" --out "$generated" --flow-records "$rows"
case="$generated/case.tidemark"
"$profile/tidemark" new "$case" --title soak
TIMEFORMAT='%R s, %U s user, %S s system'
time "$profile/tidemark" add "$case" "$generated/incident" >"$generated/add.log"
tail -n 1 "$generated/add.log"
loaded="$("$profile/tidemark" sql "$case" --json "SELECT count(*) AS n FROM flow_records WHERE log_status = 'OK'")"
expected="$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).totals.flow_records' "$generated/truth/truth.json")"
if [[ $loaded == "{\"n\":$expected}" ]]; then
  echo "1 passed, 0 failed"
else
  echo "expected $expected records, found $loaded"
  echo "0 passed, 1 failed"
  exit 1
fi
