# `make` lists what there is. Python 3.11 or newer is all that is needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install check fix test coverage tools proofs demo docs deployment audit sbom notebook bench accuracy measure spark catalogues constraints clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(READY)  ## make .venv with the pinned packages and the `leads` command

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 install")'
	@echo "making $(VENV) with the pinned packages: some minutes, once"
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

check: $(READY) docs  ## formatting, lint, types, import rules, and the links of the documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)  ## the documentation as a site, in site/html; a link that leads nowhere ends it
	$(BIN)/python -W ignore -m tools.manual
	$(BIN)/zensical build --strict

# What checks a deployment is no part of the product's environment: Helm's engine alone is 80 MB.
TOOLS := .venv-tools
$(TOOLS)/.ready: deploy/tools.txt
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --requirement deploy/tools.txt
	@touch $@

# checkov's packages go with nobody else's. Left out of its advice: limits of CPU, which only slow answers down; digests of
# images and their pulling, which are the company's; secrets as files, as the service reads the environment.
CHECKOV := .venv-checkov
$(CHECKOV)/.ready:
	$(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/pip install --quiet checkov==3.3.30
	@touch $@

deployment: $(TOOLS)/.ready $(CHECKOV)/.ready $(READY)  ## image, compose file and chart, by Helm's engine, Kubernetes' schemas, hadolint and checkov
	$(BIN)/hadolint Dockerfile
	$(TOOLS)/bin/python tools/check_deployment.py
	$(CHECKOV)/bin/checkov --quiet --compact --skip-download --framework dockerfile --file Dockerfile
	$(CHECKOV)/bin/checkov --quiet --compact --skip-download --framework kubernetes --directory site/chart \
		--skip-check CKV_K8S_11,CKV_K8S_15,CKV_K8S_35,CKV_K8S_43

audit: $(TOOLS)/.ready  ## known faults of the packages that the image brings; asks a public database
	$(TOOLS)/bin/pip-audit --requirement deploy/requirements.txt --require-hashes --disable-pip --no-deps --strict

sbom: $(TOOLS)/.ready  ## a CycloneDX bill of what the image brings, in site/sbom.json
	@mkdir -p site
	$(TOOLS)/bin/cyclonedx-py requirements --pyproject pyproject.toml --of JSON --output-file site/sbom.json deploy/requirements.txt

notebook: $(READY)  ## run examples/first_model.py and write it as a notebook, with what it shows
	$(BIN)/python -W ignore -m tools.notebook

fix: $(READY)  ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

accuracy: $(READY)  ## accuracy beside its peers on 22 kinds of table, into docs/accuracy.md (an hour and a half)
	$(BIN)/python -W ignore -m benchmarks.accuracy --page docs/accuracy.md $(ARGS)

bench: $(READY)  ## speed, as ratios beside the peers
	$(BIN)/python -m benchmarks.run $(ARGS)

measure:  ## how the source reads, as figures; ARGS=../other for another tree beside this one
	$(PYTHON) -m tools.measure . $(ARGS)

spark: $(READY)  ## PySpark too, half a gigabyte that only examples/spark_score.py needs
	$(BIN)/pip install --quiet --require-hashes --requirement examples/spark-requirements.txt

catalogues: $(READY)  ## bring the translations up to date with the texts in the source, and say what lacks one
	$(BIN)/python -m tools.catalogues

constraints: ## pin the newest packages anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--upgrade --python-version 3.11 --all-extras --no-emit-package pyspark --no-emit-package py4j pyproject.toml \
		--output-file constraints.txt
	echo pyspark | uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --no-annotate --upgrade --python-version 3.11 - --output-file examples/spark-requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
		--constraint constraints.txt --python-version 3.11 --extra postgres --extra ads pyproject.toml \
		--output-file deploy/requirements.txt

clean:  ## remove the environments and caches
	rm -rf $(VENV) $(TOOLS) $(CHECKOV) site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
