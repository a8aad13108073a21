# Every developer command. Each target sets up what it needs, says what it does, and is quick when run again.
# Needs: Python 3.11 or newer, Node 20.19 or newer. `make test` also needs Chromium: Debian's is installed
# where it is missing and we are root.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
STATIC := server/src/diptych_server/static

PY_READY := .venv/.ready
NODE_READY := node_modules/.ready
SDK_READY := $(STATIC)/sdk/diptych.js
UI_READY := $(STATIC)/ui/index.html

SDK_SOURCES := $(shell find sdk/browser -type f -not -path '*/dist/*' -not -path '*/node_modules/*' -not -path '*/test*' 2>/dev/null)
UI_SOURCES := $(wildcard docs/*.md) $(shell find ui -type f -not -path '*/dist/*' -not -path '*/node_modules/*' -not -path '*/test*' 2>/dev/null)

say = echo "· $(1)"

.PHONY: help setup demo sample test check format contracts lock dist chromium bench soak clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: $(PY_READY) $(SDK_READY) $(UI_READY) ## Python and Node environments, browser SDK and UI built
	@$(call say,ready: $(BIN)/diptych serve)

$(PY_READY): requirements.lock server/pyproject.toml sdk/python/pyproject.toml
	@$(call say,Python environment in .venv)
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || {
	  echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	[ "$$($(BIN)/uv --version 2>/dev/null | cut -d' ' -f2)" = $(UV_VERSION) ] || $(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e server -e sdk/python
	touch $@

$(NODE_READY): package-lock.json package.json sdk/browser/package.json ui/package.json e2e/package.json
	@$(call say,Node packages in node_modules)
	# Not `npm ci`: it refuses a lock without the optional packages of other platforms, which not every registry has.
	npm install --no-save --loglevel=error
	touch $@

$(SDK_READY): $(NODE_READY) $(SDK_SOURCES)
	@$(call say,browser SDK)
	npm run -s build -w @diptych/browser
	mkdir -p $(@D)
	cp sdk/browser/dist/diptych*.js $(@D)/
	touch $@

$(UI_READY): $(NODE_READY) $(UI_SOURCES)
	@$(call say,UI)
	npm run -s build -w @diptych/ui
	touch $@

demo: setup ## The server and the Concierge shop, with one sign-in link; SAMPLE=1: with a day of recorded visits
	@exec $(BIN)/python examples/demo.py $(if $(SAMPLE),--sample)

sample: setup chromium ## Record the sample of `make demo SAMPLE=1` anew (half an hour)
	@cd examples && exec ../$(BIN)/python -m sample.record $(if $(VISITS),--visits $(VISITS))

chromium:
	@command -v chromium >/dev/null || {
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	    $(call say,installing Chromium for the browser tests)
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-headless-shell >/dev/null
	  else
	    echo "The browser tests need Chromium. On Debian: apt-get install chromium" >&2; exit 1
	  fi; }

test: check chromium ## Everything: checks, browser tests, end to end, Python
	@$(call say,browser SDK in Chromium)
	npm test -w @diptych/browser
	$(call say,UI in Chromium)
	npm test -w @diptych/ui
	$(call say,end to end in Chromium)
	npm test -w @diptych/e2e
	$(call say,Python)
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: setup ## Format, lint, types, import rules, contract drift
	@$(call say,ruff)
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(call say,mypy)
	$(BIN)/mypy --no-error-summary conftest.py server/src server/tests sdk/python/src sdk/python/tests examples contracts bench
	# The SDK lives in other people's programs: its types for the oldest and the newest Python as well.
	for version in 3.10 3.14; do $(BIN)/mypy --no-error-summary --python-version $$version sdk/python/src; done
	$(call say,import rules)
	(cd server && ../$(BIN)/lint-imports --no-cache >/dev/null) || (cd server && ../$(BIN)/lint-imports --no-cache)
	npx --no-install depcruise --output-type err sdk/browser/src ui/src
	$(call say,Biome and TypeScript)
	npx --no-install biome ci --colors=off --log-level=warn .
	npm run -s check --workspaces --if-present
	$(call say,contracts)
	$(BIN)/python contracts/generate.py --check

format: $(PY_READY) $(NODE_READY) ## Write everything in the project's format
	@$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .
	npx --no-install biome check --write --log-level=warn .

contracts: $(PY_READY) $(NODE_READY) ## Write contracts/ and all that is made from the server's shapes
	@$(BIN)/python contracts/generate.py

lock: $(PY_READY) ## Lock files anew from the package files
	@$(BIN)/uv pip compile --universal --generate-hashes -q --no-header --upgrade --group pyproject.toml:dev --all-extras \
	  server/pyproject.toml sdk/python/pyproject.toml -o requirements.lock
	npm install --package-lock-only

dist: setup ## Wheels of the server (UI and SDK inside) and of the Python SDK, and the npm package
	@rm -rf dist && mkdir dist
	$(BIN)/uv build -q --wheel --no-build-isolation --python $(BIN)/python -o dist server
	$(BIN)/uv build -q --wheel --no-build-isolation --python $(BIN)/python -o dist sdk/python
	(cd sdk/browser && npm pack --silent --pack-destination ../../dist >/dev/null)
	ls -1 dist

bench: setup ## Side-by-side benchmarks that print ratios
	@$(BIN)/python -m bench

soak: setup chromium ## Ten minutes of a recorded page, an hour of random scenarios, 200 rounds of kill -9
	@$(call say,ten minutes of a busy page: its heap each minute)
	node sdk/browser/soak.mjs
	$(BIN)/python -m server.tests.holds.soak --minutes 60 --kill-rounds 200

clean: ## Remove what the commands above have made
	rm -rf .venv node_modules dist .demo $(STATIC) sdk/browser/dist
