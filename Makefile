# The first Python this is tested with; `make PYTHON=/path/to/python ...` takes another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
PIP = .venv/bin/python -m pip --quiet --disable-pip-version-check

.NOTPARALLEL:
.PHONY: help demo test docs lint fix check wheel bench chaos pins clean
unexport PYTHONPATH

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: .venv/.stamp ## assess and explain a synthetic year of an information office
	.venv/bin/kaocheng demo

test: .venv/.stamp ## run the tests on all cores; ARGS="-k name" is passed on
	.venv/bin/pytest -n auto --dist worksteal $(ARGS)

docs: .venv/.stamp ## fill the generated parts of the documentation, with KAOCHENG_DATA all of them
	.venv/bin/python tests/docs/generate.py

lint: .venv/.stamp ## format, lint, types and import contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports --no-logo
	.venv/bin/mypy

fix: .venv/.stamp ## format, and mend what can be mended
	.venv/bin/ruff check --fix --exit-zero .
	.venv/bin/ruff format .

check: lint wheel test ## all that CI runs

wheel: .venv/.stamp ## build the wheel, check its contents, install it elsewhere and use it
	tests/wheel/check.sh

bench: .venv/.stamp-bench ## measure against the peers
	.venv/bin/python tests/benchmarks/run.py $(ARGS)

chaos: .venv/.stamp ## kill writers, workers and the database; ARGS="--kills 2000" is passed on
	.venv/bin/python tests/chaos/run.py $(ARGS)

pins: .venv/.stamp ## pin the newest versions that pyproject.toml allows
	$(PIP) install uv
	.venv/bin/uv pip compile --quiet --no-header --universal --upgrade --python-version 3.11 \
		--all-extras --group dev pyproject.toml --output-file requirements/dev.txt
	.venv/bin/uv pip compile --quiet --no-header --universal --upgrade --python-version 3.11 \
		--group bench --constraints requirements/dev.txt --output-file requirements/bench.txt

clean: ## remove the environment, the caches and what was built
	rm -rf .venv dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Bytecode is compiled here so that the first command starts as fast as the second.
.venv/.stamp: pyproject.toml requirements/dev.txt
	@test -n '$(PYTHON)' || { echo 'no Python 3.11 to 3.14 found: make PYTHON=/path/to/python' >&2; exit 1; }
	@echo 'setting up .venv'
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PIP) install --requirement requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PIP) check
	@.venv/bin/python -m compileall -q engine policies plugins rulesets
	@touch $@

.venv/.stamp-bench: .venv/.stamp requirements/bench.txt
	@$(PIP) install --requirement requirements/bench.txt
	@touch $@
