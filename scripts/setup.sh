#!/usr/bin/env bash
# Checks the tools that must be there, then installs what is missing below them: system packages (where
# apt-get exists) and the page's packages. Says what it does; does nothing where nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() {
  echo "setup: $1" >&2
  exit 1
}

# at_least FOUND WANTED: whether version FOUND is WANTED or later.
at_least() {
  [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]
}

check_tools() {
  command -v git >/dev/null || stop "git is missing: install it with your package manager."
  if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
    stop "Rust is missing: install Rust 1.95 or later from https://rustup.rs."
  fi
  local rust node
  rust="$(rustc --version | awk '{ print $2 }')"
  at_least "${rust%%-*}" 1.95 ||
    stop "Rust $rust is too old: install Rust 1.95 or later (rustup update stable)."
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    stop "Node.js is missing: install Node.js 20.19 or later, with npm, from https://nodejs.org."
  fi
  node="$(node --version)"
  at_least "${node#v}" 20.19 ||
    stop "Node.js ${node#v} is too old: install Node.js 20.19 or later from https://nodejs.org."
}

system_packages() {
  # A compiler and linker; the libraries of the window; a display, a session bus and a driver for its
  # tests; tshark, against which the tests hold what they read from captures.
  local wanted=(
    build-essential pkg-config
    libwebkit2gtk-4.1-dev librsvg2-dev libxdo-dev
    xvfb xauth dbus webkit2gtk-driver
    tshark
  )
  if ! command -v apt-get >/dev/null; then
    pkg-config --exists webkit2gtk-4.1 librsvg-2.0 2>/dev/null ||
      stop "this is no Debian: install what your system calls ${wanted[*]}."
    return
  fi
  local missing=() package
  for package in "${wanted[@]}"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null |
      grep -q '^install ok installed$' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      stop "${missing[*]} missing, and this is neither root nor is there sudo: run 'apt-get install ${missing[*]}' as root."
    as_root=(sudo)
  fi
  echo "setup: installing the system packages ${missing[*]}."
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

page_packages() {
  # npm writes this file last.
  local stamp=ui/node_modules/.package-lock.json
  if [[ -e $stamp && ! ui/package-lock.json -nt $stamp ]]; then return; fi
  echo "setup: installing the page's packages and DuckDB's library (npm ci)."
  npm --prefix ui ci --ignore-scripts --no-audit --no-fund --loglevel=error
  # An unchanged tree keeps its old stamp, and would be installed again every time.
  touch $stamp
}

check_tools
system_packages
page_packages
