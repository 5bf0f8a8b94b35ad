#!/usr/bin/env bash
# screenshots.sh [FOLDER [VIEW…]]: pictures of every view over the sample incident, dark and light, in two
# sizes. The window runs under a screen of its own; none is needed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Without compositing the driver's screenshot is never answered.
unset WEBKIT_DISABLE_COMPOSITING_MODE
folder="${1:-out/screenshots}"
make --silent build
"${CARGO_TARGET_DIR:-target}/debug/screenshots" "$folder" "${@:2}"
