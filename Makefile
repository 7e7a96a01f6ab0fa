# The two commands a newcomer needs are `make run` and `make test`.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3.12 python3 python; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
  && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test check web lock clean

help: ## Show what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.runtime ## Set up, then take the embedded model down the whole road, offline
	$(BIN)/convert run deeplab-shapes

test: check ## Set up, then pass everything: linters, types, import floors, tests

check: $(VENV)/.dev web
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2 --dist loadfile

web: $(VENV)/.dev ## Install what web runtimes load, where there is npm
	@command -v npm >/dev/null && $(BIN)/python -m convert web setup \
	  || echo "the web runtimes are not set up: their tests are skipped" >&2

lock: $(VENV)/.python ## Resolve the dependencies anew, with uv
	$(INSTALL) 'uv>=0.7'
	$(UV) pip compile --quiet --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --extra dev --extra web --extra publish --extra sigstore --extra audit \
	  -c requirements.lock pyproject.toml -o requirements-dev.lock

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "convert needs Python 3.11 or 3.12; none was found on PATH" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

clean: ## Remove the environment and what runs have made
	rm -rf $(VENV) models/out models/work dist
