#!/usr/bin/env bash
# Works the sample incident as an examiner would, from evidence to report, with the command line.
# A second run starts afresh; it removes nothing but its own case and report.
set -euo pipefail
cd "$(dirname "$0")/.."

tidemark="${CARGO_TARGET_DIR:-target}/debug/tidemark"
case=out/sample.tidemark
report=out/report

step() {
  echo
  echo "\$ tidemark $*"
  "$tidemark" "$@"
}

mkdir -p out
rm -rf "$case" "$report"

step new "$case" --title "Sample incident" --number "2026-001" --examiner "Sample Examiner"
step add "$case" sample-data/incident
step status "$case"
step timeline "$case" --bucket 5m
step top "$case" srcaddr --by bytes
step report "$case" "$report"

echo
echo "The case is $case. The report is in $report:"
find "$report" -type f | sort
