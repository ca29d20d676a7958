# The whole contributor interface: demo, test, check, up. `make demo` and `make test` work on a fresh machine.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check install --quiet --constraint infra/constraints.txt

.PHONY: demo test check up clean

demo: $(VENV)/.all  ## Start everything, ingest 236 years of presidential messages, search them, keep serving.
	$(BIN)/trivec demo

up: $(VENV)/.all    ## Start everything on this machine; Ctrl-C stops it.
	$(BIN)/trivec up

test: $(VENV)/.dev  ## All tests, over real services and a real browser.
	infra/system-packages.sh
	$(BIN)/pytest --numprocesses=auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

check: $(VENV)/.dev ## What CI runs besides the tests: format, lint, types, import contracts.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:              ## Remove the environment; data under TRIVEC_HOME stays.
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.all: pyproject.toml infra/constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[all]'
	touch $@

$(VENV)/.dev: pyproject.toml infra/constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[all,dev]'
	touch $@ $(VENV)/.all
