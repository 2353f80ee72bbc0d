# Huiqi. "make run" and "make test" set up all that they need on a machine that has git, make and Python 3.11 or newer.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
HUIQI_DEMO ?= 1
TESTS ?= tests
export HUIQI_DEMO

BIN := .venv/bin
STAMPS := .venv/stamps
SPARK := .venv-spark
BENCH := .venv-bench
CATALOGUES := $(wildcard src/huiqi/*/locale/*/LC_MESSAGES/*.po)

# $(call quietly,COMMAND): show what a command says only when it fails.
quietly = output=$$({ $(1); } 2>&1) || { printf '%s\n' "$$output" >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help setup run test walk test-spark lint format bench bench-full messages requirements clean chromium java
.DELETE_ON_ERROR:
.SUFFIXES:

help: ## Show this list
	@echo '惠企 Huiqi: make TARGET'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s%s\n", $$1, $$2 }'

setup: $(STAMPS)/package messages ## Install what the service needs into .venv

run: setup ## Start the service with made-up data (HUIQI_DEMO=0: without; HOST, PORT)
	@exec $(BIN)/huiqi serve --host $(HOST) --port $(PORT)

test: chromium $(STAMPS)/dev messages ## Run all tests (TESTS=tests/rules for some of them)
	@$(BIN)/python -m pytest -n 2 $(TESTS)

test-spark: java $(SPARK)/stamps/dev ## Run the tests that need Spark and Java, in an environment of their own (TESTS)
	@$(SPARK)/bin/python -m pytest -m spark $(TESTS)

walk: chromium $(STAMPS)/dev messages ## Open every page in all its looks and tell all faults (some minutes)
	@$(BIN)/python -m pytest -n 2 -m walk tests/browser

lint: $(STAMPS)/dev ## Check style, types, the direction of imports, templates
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy src
	@$(BIN)/lint-imports
	@$(BIN)/djlint --quiet --check --lint src/huiqi/web/templates

format: $(STAMPS)/dev ## Format the code
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(BIN)/djlint --quiet --reformat src/huiqi/web/templates

bench: $(BENCH)/stamp ## Measure, also against other engines, in some minutes
	@$(BENCH)/bin/python -m bench

bench-full: $(BENCH)/stamp ## Measure at full size and write docs/performance.md
	@$(BENCH)/bin/python -m bench --full

messages: $(STAMPS)/messages ## Compile the translations

requirements: $(STAMPS)/bootstrap ## Pin the newest versions of requirements/*.in
	@for name in bootstrap base dev bench; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--constraint requirements/base.txt requirements/spark.in --output-file requirements/spark.txt

clean: ## Remove .venv and caches; the data in .huiqi stays
	@rm -rf .venv $(SPARK) $(BENCH) build src/*.egg-info .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find src tests bench -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} +

# --- what the targets stand on ----------------------------------------------------------------------------------------

# A virtual environment with uv. Debian keeps a part of Python's venv in a package of its own.
$(STAMPS)/bootstrap: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo 'Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo 'Installing python3-venv ...'; \
			$(call quietly,apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv); \
		else \
			echo 'Python has no ensurepip: install it first (Debian: sudo apt-get install python3-venv)' >&2; exit 1; \
		fi; }
	@echo 'Setting up .venv ...'
	@$(call quietly,$(PYTHON) -m venv --clear .venv)
	@$(call quietly,$(BIN)/python -m pip install --disable-pip-version-check --root-user-action=ignore --no-deps \
		--require-hashes -r requirements/bootstrap.txt)
	@mkdir -p $(STAMPS) && touch $@

# uv does not read pip's settings: hand it the index that pip was given on this machine, if any.
# $(call uv_in,ENVIRONMENT) works on that environment.
uv_in = index="$${UV_DEFAULT_INDEX:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}"; \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
	export VIRTUAL_ENV="$$PWD/$(1)" UV_LINK_MODE=copy; $(BIN)/uv --quiet --no-progress
EDITABLE = pip install --no-deps --no-build-isolation --editable .

$(STAMPS)/package: $(STAMPS)/bootstrap requirements/base.txt pyproject.toml
	@$(call uv_in,.venv) pip sync --compile-bytecode requirements/base.txt && $(BIN)/uv --quiet --no-progress $(EDITABLE)
	@rm -f $(STAMPS)/dev && touch $@

$(STAMPS)/dev: $(STAMPS)/package requirements/dev.txt
	@$(call uv_in,.venv) pip sync --compile-bytecode requirements/dev.txt && $(BIN)/uv --quiet --no-progress $(EDITABLE)
	@touch $@

# pyspark is large, and needed by few: it has its own environment, with all that the tests need beside it.
$(SPARK)/stamps/dev: $(STAMPS)/bootstrap requirements/dev.txt requirements/spark.txt pyproject.toml
	@echo 'Setting up $(SPARK) ...'
	@$(call quietly,$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(SPARK))
	@$(call uv_in,$(SPARK)) pip sync --compile-bytecode requirements/dev.txt requirements/spark.txt && \
		$(BIN)/uv --quiet --no-progress $(EDITABLE)
	@mkdir -p $(SPARK)/stamps && touch $@

# The other engines weigh two gigabytes: they have an environment of their own.
$(BENCH)/stamp: $(STAMPS)/bootstrap requirements/bench.txt pyproject.toml
	@$(call quietly,$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(BENCH))
	@$(call uv_in,$(BENCH)) pip sync --compile-bytecode requirements/bench.txt && \
		$(BIN)/uv --quiet --no-progress $(EDITABLE)
	@touch $@

$(STAMPS)/messages: $(STAMPS)/package $(CATALOGUES)
	@for catalogue in $(CATALOGUES); do \
		$(BIN)/pybabel --quiet compile --input-file "$$catalogue" --output-file "$${catalogue%.po}.mo" || exit 1; \
	done
	@touch $@

# Browser tests drive Chromium over Playwright, whose own Node.js wants libatomic; without a font for Chinese their
# pictures show boxes.
BROWSER := chromium fonts-noto-cjk libatomic1
chromium:
	@PATH="$$PATH:/sbin:/usr/sbin"; \
	{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null && \
	{ ! command -v ldconfig >/dev/null || ldconfig -p | grep -q libatomic.so.1; } || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo 'Installing Chromium for the browser tests ...'; \
			$(call quietly,apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(BROWSER)); \
		else \
			echo 'The browser tests need Chromium: install it first (Debian: sudo apt-get install $(BROWSER))' >&2; exit 1; \
		fi; }

# Spark 4 runs on Java 17 or newer.
java:
	@java="$${JAVA_HOME:+$$JAVA_HOME/bin/}java"; \
	major=$$($$java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p'); \
	[ "$${major:-0}" -ge 17 ] || { \
		if [ "$$(id -u)" = 0 ] && [ -z "$$JAVA_HOME" ] && command -v apt-get >/dev/null; then \
			echo 'Installing Java 17 for Spark ...'; \
			$(call quietly,apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openjdk-17-jre-headless); \
		else \
			echo 'Spark needs Java 17 or newer: install it first (Debian: sudo apt-get install openjdk-17-jre-headless)' >&2; exit 1; \
		fi; }
