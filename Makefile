# Two commands do everything: `make demo` and `make test`. Both build .venv first.

PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.setup-done

.PHONY: help setup demo test worlds check format bench bench-growth clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: $(SETUP)  ## build .venv with everything in it

$(SETUP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "crdt-pms needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(SETUP)

demo: setup  ## a hotel of three front desks, a relay and PostgreSQL, on this machine
	$(BIN)/crdt-pms demo

test: check worlds  ## everything that must hold
	$(BIN)/python -m pytest -n 2 --dist loadfile

worlds: setup  ## five hundred simulated hotels, every fault
	$(BIN)/crdt-pms simulate --seeds 0:500 --jobs 2

check: setup  ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: setup  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## local latency, entries a second, catch-up
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only --timeout 600

DAYS ?= 30,365,1095

bench-growth: setup  ## a hotel grows for DAYS; what it costs then. DIR=a RAM disk makes it quicker
	$(BIN)/python -m simulations.growth --days $(DAYS) $(if $(DIR),--dir $(DIR))

clean:  ## forget what was built
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
