#!/usr/bin/env bash
# screenshots.sh [FOLDER [VIEW…]]: pictures of every view over the sample incident, dark and light, in two sizes. The
# window runs under a screen of its own; none is needed. Without arguments, the pictures of the README are renewed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Without compositing the driver's screenshot is never answered.
unset WEBKIT_DISABLE_COMPOSITING_MODE
folder="${1:-out/screenshots}"
make --silent build
"${CARGO_TARGET_DIR:-target}/debug/screenshots" "$folder" "${@:2}"
if (($# == 0)); then
  mkdir -p docs
  grep -o 'docs/[a-z0-9-]*\.png' README.md | sort -u | while read -r picture; do
    cp "$folder/${picture#docs/}" "$picture"
  done
fi
