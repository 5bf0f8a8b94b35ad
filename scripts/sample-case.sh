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
step add "$case" sample-data/incident | tail -n 1
step status "$case" | head -n 12
step timeline "$case" --bucket 30m
step top "$case" srcaddr --by records --limit 8
step top "$case" dstaddr --filter 'flow_direction == egress' --by bytes --limit 5

# From the suspicious flow to what was said.
attacker='srcaddr == 198.51.100.77 && dstport == 80'
step flows "$case" --filter "$attacker"
step pivot "$case" --filter "$attacker" --limit 1
step transactions "$case" --protocol http | grep -E "UNION|WHAT"

# What the examiner makes of it.
step tag "$case" injection --filter "$attacker"
step finding "$case" "SQL injection against the shop" --severity high --technique T1190 \
  --text "Six requests from 198.51.100.77; three carry a UNION SELECT and are answered with rows." \
  --filter "$attacker"
step finding "$case" "Test virus downloaded by the web server" --severity medium --technique T1105 \
  --text "Two downloads from files.mirror.example carry the EICAR test string, one of them compressed." \
  --filter 'srcaddr == 192.0.2.80 && srcport == 80 && packets_seen > 0'
step finding "$case" "Customer data uploaded to a drop site" --severity critical --technique T1567 \
  --text "The largest outbound flow of the day is a PUT of customers.csv to drop.filebin.example." \
  --filter 'srcaddr == 10.0.2.20 && dstaddr == 203.0.113.200'
step note "$case" "Ask for the web server's own log of 09:40 to 09:44 UTC." --filter "$attacker"
step report "$case" "$report" --format html,pdf
step verify "$case"

echo
echo "The case is $case. The report is in $report:"
find "$report" -type f | sort
