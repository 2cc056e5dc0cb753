# `make` lists what there is. Python 3.11 or newer is all that is needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install check fix test coverage tools proofs demo bench accuracy measure catalogues constraints clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(READY)  ## make .venv with the pinned packages and the `leads` command

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 install")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement constraints.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## the whole product on simulated leads, at http://127.0.0.1:8000 (ARGS=--once ends by itself)
	$(BIN)/leads demo $(ARGS)

# One process more than the machine has cores: many tests wait for a service, a browser or a database of their own.
TESTERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

test: $(READY) tools  ## the whole test suite
	$(BIN)/pytest --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

coverage: $(READY) tools  ## the test suite again, counting the lines and branches that it runs
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-report term $(ARGS)

# What some tests run for real, where a Debian's root may install it; without it their tests skip.
PARTS  := chromium:chromium promtool:prometheus pgbouncer:pgbouncer faketime:faketime nginx:nginx javac:default-jdk-headless
tools:
	@lacking=""; for part in $(PARTS); do command -v "$${part%%:*}" >/dev/null || lacking="$$lacking $${part##*:}"; done; \
	[ -z "$$lacking" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -yqq --no-install-recommends \
		$$lacking) >/dev/null 2>&1; } || echo "not installed:$$lacking; the tests that need them will skip"

proofs: $(READY) tools  ## the long proofs, minutes each; docs/proofs.md holds what they show
	$(BIN)/pytest -m slow --write-proofs $(ARGS)

check: $(READY)  ## formatting, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(READY)  ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

accuracy: $(READY)  ## accuracy beside its peers on 22 kinds of table, into docs/accuracy.md (an hour and a half)
	$(BIN)/python -W ignore -m benchmarks.accuracy --page docs/accuracy.md $(ARGS)

bench: $(READY)  ## speed, as ratios beside the peers
	$(BIN)/python -m benchmarks.run $(ARGS)

measure:  ## how the source reads, as figures; ARGS=../other for another tree beside this one
	$(PYTHON) -m tools.measure . $(ARGS)

catalogues: $(READY)  ## bring the translations up to date with the texts in the source, and say what lacks one
	$(BIN)/python -m tools.catalogues

constraints: ## pin the newest packages anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--upgrade --python-version 3.11 --extra dev --extra ads pyproject.toml --output-file constraints.txt

clean:  ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
