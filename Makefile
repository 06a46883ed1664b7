# Everything a person or a machine does with this project. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup run test check fix lock

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The wheel brings Node.js where the system has none.
NPM := $(shell command -v npm 2>/dev/null || echo $(BIN)/npm)

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python cannot make virtual environments here: install its venv package (Debian: python3-venv)"; exit 1; }

$(VENV)/packages: requirements.lock pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/npm: requirements-node.lock | $(VENV)/packages
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@touch $@

node_modules/.packages: package.json package-lock.json | $(VENV)/packages $(filter $(BIN)/npm,$(NPM))
	PATH="$(CURDIR)/$(BIN):$$PATH" $(NPM) ci --silent --ignore-scripts
	@touch $@

setup: $(VENV)/packages node_modules/.packages ## set everything up; leaves .venv/bin/lianxin

run: setup ## run the service with invented people and the simulated phone
	$(BIN)/lianxin up --demo

test: setup ## check the code and run every test
	@sh tests/browser.sh
	$(MAKE) --no-print-directory check
	$(BIN)/pytest -q

check: $(VENV)/packages ## format, lint, types, imports: stops at the first that is red
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/packages ## put right what a machine can
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

lock: $(VENV)/packages ## resolve the dependencies anew (needs uv)
	uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-strip-extras --no-annotate --no-header -o requirements.lock
