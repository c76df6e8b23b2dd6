# Everything a user or CI calls. `make demo` and `make test` set up what they need.

VENV ?= .venv
PYTHON ?= python3
# Where CPU builds of torch are published, asked only when the configured index has none.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH = torch==2.13.0+cpu

BIN = $(VENV)/bin
TRACKING = $(VENV)-tracking
STAMP = $(VENV)/.installed
PYTEST = $(BIN)/python -m pytest

.PHONY: help demo test test-unit test-integration test-tracking check lint format calibration bench install clean

help:
	@echo "make demo        install once, then ask whether RAG earns its place on the embedded model"
	@echo "make test        install once, then run every test, a real vLLM server included"
	@echo "make test-unit   the tests that need no server, no database and no model"
	@echo "make check       ruff, mypy, import-linter and the unit tests"
	@echo "make format      rewrite the code in the house format"
	@echo "make calibration 10,000 simulated gates a design point, written into docs/statistics.md (4 minutes)"
	@echo "make bench       measure the engine and write docs/performance.md"
	@echo "make clean       remove the virtual environment and the results"

demo: $(STAMP)
	$(BIN)/weighbridge demo

test: $(STAMP)
	$(PYTEST) tests -m "not integration" --numprocesses=auto
	$(PYTEST) tests -m integration --numprocesses=0 --durations=10

test-unit: $(STAMP)
	$(PYTEST) tests/unit tests/property tests/fakes --numprocesses=auto -m "not integration"

test-integration: $(STAMP)
	$(PYTEST) tests -m integration --numprocesses=0

# In an environment of its own on top of this one: MLflow and W&B are no part of the pinned set.
test-tracking: $(STAMP)
	$(PYTHON) -m venv $(TRACKING)
	$(TRACKING)/bin/pip install --quiet --requirement requirements/tracking.txt
	(cd $(VENV)/lib/python*/site-packages && pwd) >"$$(echo $(TRACKING)/lib/python*/site-packages)/below.pth"
	$(TRACKING)/bin/python -m pytest tests/integration/test_publish.py

check: lint test-unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

calibration: $(STAMP)
	$(BIN)/python -m bench.calibration

bench: $(STAMP)
	$(BIN)/python -m bench all

install: $(STAMP)

$(STAMP): requirements/cpu.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "weighbridge needs Python 3.11 or newer: name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV) || { echo "install python3-venv (apt-get install python3-venv) and run make again" >&2; rm -rf $(VENV); exit 1; }
	@echo "installing about 200 packages, once; this takes minutes"
	$(BIN)/pip install --quiet --no-deps "$(TORCH)" || $(BIN)/pip install --quiet --no-deps --index-url "$(TORCH_INDEX)" "$(TORCH)"
	$(BIN)/pip install --quiet --no-deps --requirement requirements/cpu.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) $(TRACKING) results
