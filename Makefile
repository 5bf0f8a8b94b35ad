# Everything that a person or a build machine does with this repository. Each target is thin; what takes
# more than a few lines is a script of its own.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build run test soak bench screenshots lint fmt deny clean

help: ## Lists the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Checks the tools and installs what is missing.
	@scripts/setup.sh

# The page is built again only when it changed: the window holds it, and would be linked anew.
page := ui/dist/index.html
$(page): $(shell find ui/src -type f) $(wildcard ui/*.json ui/*.js ui/*.ts ui/index.html) | setup
	npm --prefix ui run --silent build

build: $(page) ## Builds the command line and the window.
	cargo build --workspace --bins

run: build ## Opens the window on the sample case; without a display, works it headless, below out/.
	@scripts/run.sh

test: $(page) ## Runs every check and test; ends with "N passed, N failed".
	@scripts/test.sh

soak: build ## Runs the long checks: kill loops, hostile files, fuzzing (FUZZ=…), 20 M generated records (ROWS=…).
	@scripts/soak.sh

bench: build ## Measures loading, questions and the window, beside their limits (LOADS=… ASKED=… ROWS=…).
	@cargo build --workspace --examples
	@scripts/bench.sh

screenshots: build ## Makes the pictures of the README anew, in docs/.
	@scripts/screenshots.sh

lint: $(page) ## Runs the checks alone: format, lints, types.
	@scripts/test.sh lint

fmt: setup ## Formats all sources.
	cargo fmt --all
	npm --prefix ui run --silent format

deny: ## Checks licences, banned and doubled crates, and where crates come from.
	cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
	cargo deny check licenses bans sources

clean: ## Removes what was built here; cases and reports in out/ stay.
	cargo clean
	rm -rf ui/dist ui/node_modules
