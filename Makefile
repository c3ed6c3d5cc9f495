# Everything runs in the project's own .venv, made from nothing but Python 3.11 and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

# The models are half of it all: lint reads them and the rest side by side.
SQL := models tests macros analyses site/queries

UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes \
	--no-annotate --custom-compile-command 'make lock' pyproject.toml

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help build test soak lint format docs site site-check sql lock bench clean

help:  ## What the targets do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Plumbline needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Plumbline and what it runs on into $(VENV)"
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing what the tests need into $(VENV)"
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

build: $(VENV)/.run  ## Build, test and publish the warehouse (from the sample if nothing has landed)
	$(BIN)/python -m ingest sample --if-empty
	$(BIN)/python -m plumbline build

test: lint  ## Everything CI runs: lint, the dbt build on the sample, pytest
	$(BIN)/python -m pytest -m "not soak" --numprocesses 2 --dist worksteal

soak: $(VENV)/.dev  ## The long fault and corruption runs
	$(BIN)/python -m pytest -m soak

lint: $(VENV)/.dev  ## Python and SQL style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "sqlfluff lint $(SQL)"
	@printf '%s\n' $(firstword $(SQL)) '$(wordlist 2,9,$(SQL))' | xargs -P 2 -L 1 $(BIN)/sqlfluff lint

format: $(VENV)/.dev  ## Bring Python and SQL into style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix $(SQL)

docs: $(VENV)/.run  ## The docs site as one offline file, target/static_index.html
	$(BIN)/python -m plumbline.warehouse.docs_site

$(VENV)/.site: requirements-site.lock $(VENV)/.run
	@echo "Installing what the site needs into $(VENV)"
	$(BIN)/pip install --quiet --require-hashes -r requirements-site.lock
	@touch $@

site: $(VENV)/.site  ## The research site from the published warehouse, site/dist/index.html
	$(BIN)/python -m plumbline site

site-check: $(VENV)/.dev  ## Docs and research site in headless Chromium, without a network
	$(BIN)/python -m pytest -m browser -rs

$(VENV)/.sql: requirements-sql.lock $(VENV)/.run
	$(BIN)/pip install --quiet --require-hashes -r requirements-sql.lock
	@touch $@

sql: $(VENV)/.sql  ## A read-only SQL session on the published warehouse; builds go on meanwhile
	$(BIN)/duckdb -readonly "$${WAREHOUSE_PATH:-data/warehouse.duckdb}"

bench: $(VENV)/.dev  ## The engine beside other ways, in one run; writes benchmarks/results.md
	$(BIN)/python -m benchmarks

# The others take their versions from the first, so that tests run what users run.
lock: | $(VENV)/bin/python  ## Renew the lock files from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(UV_COMPILE) --extra dev -o requirements-dev.lock
	$(UV_COMPILE) --constraint requirements-dev.lock -o requirements.lock
	$(UV_COMPILE) --extra site --constraint requirements-dev.lock -o requirements-site.lock
	$(UV_COMPILE) --extra sql --constraint requirements-dev.lock -o requirements-sql.lock

clean:  ## Remove the environment and what builds leave behind; landing files and warehouse stay
	rm -rf $(VENV) target logs *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
