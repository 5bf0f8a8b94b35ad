#!/usr/bin/env bash
# fuzz.sh [SECONDS [TARGET…]]: runs each fuzz target that long (60 seconds), or these alone.
# fuzz.sh seeds: writes what each target begins with anew.
#
# Ends with 1 if a target found something; the input lies beside the corpus that grew, in the target folder. Stable
# Rust is enough: the flags below are what cargo-fuzz would give without a sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."
out="$(mkdir -p "${CARGO_TARGET_DIR:-target}/fuzz" && cd "${CARGO_TARGET_DIR:-target}/fuzz" && pwd)"
host="$(rustc -vV | sed -n 's/^host: //p')"

if [[ ${1:-} == seeds ]]; then
  TIDEMARK_SEEDS=1 cargo test --workspace --test corpus --test packet_corpus -- the_seeds
  exit
fi
seconds="${1:-60}"
targets=("${@:2}")
if ((${#targets[@]} == 0)); then
  mapfile -t targets < <(cd tests/fuzz/corpus && ls)
fi

# The versions that are shipped are the ones that are fuzzed.
cp Cargo.lock tests/fuzz/Cargo.lock
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
for counted in inline-8bit-counters pc-table trace-compares; do
  coverage+=" -Cllvm-args=-sanitizer-coverage-$counted"
done
# With a target named, build scripts are left without the flags.
RUSTFLAGS="$coverage" CARGO_TARGET_DIR="$out" \
  cargo build --release --manifest-path tests/fuzz/Cargo.toml --target "$host"

failed=0
for target in "${targets[@]}"; do
  mkdir -p "$out/grown/$target" "$out/found/$target"
  echo "== $target"
  # Files of archives and containers go through memory.
  if ! FUZZ_TARGET="$target" TMPDIR=/dev/shm RUST_BACKTRACE=0 "$out/$host/release/fuzz" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3072 -max_len=4096 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$out/found/$target/" "$out/grown/$target" "tests/fuzz/corpus/$target" \
    2>&1 | grep -E '^(stat::number|stat::peak|thread|assertion|  left|  *right|==.*ERROR|SUMMARY|artifact)'; then
    failed=$((failed + 1))
    echo "FAILED: $target"
  fi
done
((failed == 0))
