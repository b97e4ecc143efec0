# make studio   starts everything (needs git, make and a Python of 3.12 or newer)
# make test     runs the tests
# make check    runs every linter
# make services runs the tests on throw-away PostgreSQL and Redis servers
# make races    runs the races' long form, on SQLite and on PostgreSQL
# make coverage measures the branches of jobs, ledger and relay, and fails below 100 %
# make simulate plays ten thousand schedules of faults on two processes
# make chaos    kills every process at every labelled point, at random, and in whole accidents
# make lock     renews uv.lock after a change of pyproject.toml

SHELL := /bin/sh
.DEFAULT_GOAL := studio
.PHONY: studio test check services races coverage simulate chaos lock

PYTHON := .venv/bin/python
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed

# Settings are read by some linters; what they make on the way does not belong in ./data.
FOR_CHECKS := DATA_DIR=$(CURDIR)/.venv/data-for-checks
FOR_DEPLOY := PUBLIC_URL=https://studio.example \
	SECRET_KEY=only-for-check-deploy-0123456789abcdefghijklmnopqrstuvwxyz

SIDE_BY_SIDE := -n 2 --dist loadfile

# Tests that never meet the studio's database, or that bring a studio with a database of their own (docs/trust.md).
WITHOUT_A_DATABASE := $(addprefix --ignore=tests/,journeys sandbox net relay composer studio services races simulation chaos)
# Twelve hours in one transaction, without the statistics by which PostgreSQL plans, would say nothing about it.
WITHOUT_A_DATABASE += --ignore=tests/jobs/test_outage.py
# Every address by every seat, and every page full of marks, say nothing of a database: once is enough.
WITHOUT_A_DATABASE += $(addprefix --ignore=tests/web/test_,rights.py crawl.py text.py)

studio: $(RUNTIME)
	@exec $(PYTHON) manage.py studio

# The journeys have a process of their own: a browser's event loop and the database do not get along in one.
APART := --ignore=tests/journeys
test: $(DEVELOPMENT)
	@unset DATA_DIR; $(if $(ARGS),exec $(PYTHON) -m pytest $(ARGS), \
	  $(PYTHON) -m pytest $(SIDE_BY_SIDE) $(APART) && exec $(PYTHON) -m pytest tests/journeys)

services: $(DEVELOPMENT)
	@unset DATA_DIR; exec $(PYTHON) -m tests.services postgres redis -- \
	  $(PYTHON) -m pytest $(SIDE_BY_SIDE) $(WITHOUT_A_DATABASE) $(ARGS)

races: $(DEVELOPMENT)
	@unset DATA_DIR; exec $(PYTHON) -m tests.services postgres -- $(PYTHON) -m tests.races --long
	@unset DATA_DIR DATABASE_URL; exec $(PYTHON) -m tests.races --long

# Money and its states: every branch of these rooms is tested (docs/trust.md). In two processes.
COVERED := generations.jobs,generations.ledger,generations.relay
MEASURE := COVERAGE_FILE=$(CURDIR)/.venv/coverage $(PYTHON) -m coverage
coverage: $(DEVELOPMENT)
	@unset DATA_DIR; rm -f .venv/coverage .venv/coverage.*; \
	for part in "tests/jobs" "tests/accounts tests/ledger tests/relay tests/web tests/writing tests/test_callbacks.py"; do \
	  $(MEASURE) run --parallel-mode --branch --source=$(COVERED) -m pytest $$part & parts="$$parts $$!"; \
	done; for part in $$parts; do wait $$part || exit 1; done
	@$(MEASURE) combine --quiet && $(MEASURE) report --show-missing --skip-covered --fail-under=100

simulate: $(DEVELOPMENT)
	@exec $(PYTHON) -m tests.simulation.run --count 10000 --processes 2 $(ARGS)

chaos: $(DEVELOPMENT)
	@unset DATA_DIR; for first in 0 1; do \
	  $(PYTHON) -m tests.chaos.trials --rounds 25 --every 2 --from $$first & halves="$$halves $$!"; \
	done; for half in $$halves; do wait $$half || exit 1; done
	@unset DATA_DIR; for seed in 1 2 3; do $(PYTHON) -m tests.chaos.storm --jobs 200 --kills 40 --seed $$seed || exit 1; done
	@unset DATA_DIR; exec $(PYTHON) -m tests.chaos.drills

check: $(DEVELOPMENT)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djlint templates --lint --quiet
	.venv/bin/djlint templates --check --quiet
	$(FOR_CHECKS) .venv/bin/mypy
	$(FOR_CHECKS) .venv/bin/lint-imports
	$(FOR_CHECKS) $(PYTHON) manage.py makemigrations --check --dry-run
	$(FOR_CHECKS) $(FOR_DEPLOY) $(PYTHON) manage.py check --deploy --fail-level WARNING

lock: $(DEVELOPMENT)
	@$(UV) lock

# ------------------------------------------------------------------ the environment
# uv from PATH, else one installed inside .venv; the interpreter that .venv was made with stays.

NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
UV = $$(command -v uv || echo .venv/bin/uv)
SYNC = $(UV) sync --frozen --inexact --quiet --python $(PYTHON)

# Stamps of an environment that no longer runs say nothing.
$(shell $(PYTHON) $(NEW_ENOUGH) || rm -f $(RUNTIME) $(DEVELOPMENT))

$(RUNTIME): uv.lock pyproject.toml
	@$(ENVIRONMENT)
	@echo "Installing what the studio needs (once; this can take a minute)"
	@$(SYNC) --no-dev
	@touch $@

$(DEVELOPMENT): uv.lock pyproject.toml
	@$(ENVIRONMENT)
	@echo "Installing what the studio and its tests need (once; this can take a minute)"
	@$(SYNC)
	@touch $@ $(RUNTIME)

define ENVIRONMENT
stop() { echo "relayweb: $$1" >&2; exit 1; }; \
if ! $(PYTHON) $(NEW_ENOUGH); then \
  for name in python3.13 python3.12 python3 python3.14; do \
    if $$name $(NEW_ENOUGH); then found=$$(command -v $$name); break; fi; \
  done; \
  if command -v uv >/dev/null; then \
    uv venv --quiet --clear $${found:+--python "$$found"} .venv || stop "uv found no Python of 3.12 or newer."; \
  elif [ -n "$$found" ]; then \
    $$found -m venv --clear .venv >/dev/null || stop "$$found can't make an environment (Debian: apt install python3-venv)."; \
  else \
    stop "Python 3.12 or newer is needed; none of python3.13, python3.12 and python3 is one that runs."; \
  fi; \
fi; \
command -v uv >/dev/null || [ -x .venv/bin/uv ] || \
  $(PYTHON) -m pip install --quiet --disable-pip-version-check uv || stop "uv can't be installed; is the package index reached?"
endef
