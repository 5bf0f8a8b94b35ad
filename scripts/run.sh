#!/usr/bin/env bash
# Opens the window on the sample case, which is made on the first run. Without a display it says so and works the
# sample incident headless, from evidence to report (scripts/sample-case.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
programs="${CARGO_TARGET_DIR:-target}/debug"
case=out/window.tidemark

if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  echo "There is no display: working the sample incident headless instead of opening the window."
  exec scripts/sample-case.sh
fi
if [[ ! -e $case/journal.jsonl ]]; then
  echo "Making the sample case in $case."
  mkdir -p out
  rm -rf "$case"
  "$programs/tidemark" new "$case" --title "Sample incident" --number "2026-001" --examiner "Sample Examiner"
  # Whatever could not be read is told in the window too.
  "$programs/tidemark" add "$case" sample-data/incident | tail -n 1
fi
exec "$programs/tidemark-window" "$case"
