#!/usr/bin/env bash
# test.sh [lint]: every check and test of the repository, or the checks alone.
#
# Goes on after a failure, so that one run shows them all, and ends with "N passed, N failed" over all
# suites. A check counts as one. A suite that ends before it has said its result counts as failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# The window under test takes a picture where a test fails; without compositing it never would.
unset WEBKIT_DISABLE_COMPOSITING_MODE

out="${CARGO_TARGET_DIR:-target}/test-results"
mkdir -p "$out" && out="$(cd "$out" && pwd)" || exit 1
rm -rf "${out:?}"/*
passed=0
failed=0

# check NAME COMMAND…: one check, passed or failed by the command's exit status.
check() {
  echo "== $1"
  if "${@:2}"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1"
  fi
}

# add NAME STATUS "PASSED FAILED": takes in a suite's own count. A suite that exits badly without a failed
# test of its own has failed as a whole.
add() {
  local suite_passed suite_failed
  read -r suite_passed suite_failed <<<"$3"
  if (($2 != 0 && suite_failed == 0)); then suite_failed=1; fi
  passed=$((passed + suite_passed))
  failed=$((failed + suite_failed))
  if ((suite_failed)); then echo "FAILED: $1"; fi
}

ui() { npm --prefix ui run --silent "$@"; }

checks() {
  check "Rust format" cargo fmt --all -- --check
  check "Rust lints" cargo clippy --workspace --all-targets --quiet -- -D warnings
  check "page lints" ui lint
  check "page types" ui check
  check "page format" ui format:check
}

rust_tests() {
  # The tests from outside run the binaries, which cargo does not build for a test of another package.
  check "Rust binaries" cargo build --workspace --bins --quiet
  echo "== Rust tests"
  local log="$out/rust.log" status
  cargo test --workspace --no-fail-fast 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  # Every suite that was started says one result; one that crashed says none.
  add "Rust tests" "$status" "$(awk '
    /^ +(Running|Doc-tests) / { started++ }
    /^test result: / { results++; passed += $4; failed += $6 }
    END { print passed + 0, failed + (started > results ? started - results : 0) }
  ' "$log")"
}

page_tests() {
  echo "== page tests"
  local report="$out/page.json" status
  ui test -- --reporter=default --reporter=json --outputFile.json="$report"
  status=$?
  # A file that could not even be loaded holds no test.
  add "page tests" "$status" "$(node -e '
    const report = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const broken = report.testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
    );
    console.log(report.numPassedTests, report.numFailedTests + broken.length);
  ' "$report" 2>/dev/null || echo 0 1)"
}

checks
if [[ "${1:-}" != lint ]]; then
  rust_tests
  page_tests
fi

echo
echo "$passed passed, $failed failed" | tee "$out/summary"
((failed == 0))
