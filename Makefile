# Python 3.11 or newer and make are all that a fresh machine needs. `make` alone lists the targets.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
SOURCES := $(wildcard src tests typing_tests benchmarks examples tools conftest.py docs/conf.py)

# Which interpreter makes .venv: the first that tools/find_pythons.sh finds, unless PYTHON names one.
PYTHON ?=

# How the tests run: `make test TESTS=tests/unit MARKS=race` or `make test MARKS=slow` for the release-sized campaigns.
# loadscope keeps the examples of one page together, in their order. Bytecode is written even if the environment forbids
# it: the tests start many processes, and each would compile the library again.
TESTS ?=
MARKS ?= not slow and not long and not browser
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --maxprocesses=4 --dist=loadscope

.PHONY: help demo portal test test-time test-long test-portal test-standby journey coverage check rules-off planted soak bench docs shots requirements clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/demo.stamp ## book, print, attend and cancel an appointment in a terminal
	@$(BIN)/traffic-booking demo

# `make portal PORT=8001 DB=postgresql://HOST/DATABASE`; examples/portal/README.md lists the settings.
PORT ?= 8000
DB ?= sqlite:///build/portal.db

portal: $(VENV)/demo.stamp ## serve the reference portal with demo data, and print its address
	@mkdir -p build
	@PORT='$(PORT)' DB='$(DB)' $(BIN)/python -m examples.portal

test: test-time $(VENV)/dev.stamp ## run the tests (about four minutes)
	@$(PYTEST) -m '$(MARKS)' $(TESTS)

# Printed before anything is installed.
test-time:
	@$(if $(TESTS),:,echo '== the tests take about four minutes on two cores')

# Hostile values are drawn for ten minutes of it: MISUSE_MINUTES=1 for less, MISUSE_SEED=7 to repeat a run.
# 1,000 forgeries are made of each store: FORGERIES=100 for less.
MISUSE_SEED := $(or $(MISUSE_SEED),$(shell date +%s))

test-long: $(VENV)/dev.stamp ## run the tests that take longer: properties with more examples, the whole kit on every store, races, campaigns
	@echo '== hostile values are drawn with MISUSE_SEED=$(MISUSE_SEED)'
	@MISUSE_SEED=$(MISUSE_SEED) HYPOTHESIS_PROFILE=$(or $(HYPOTHESIS_PROFILE),thorough) \
	  $(PYTEST) -m '(long or hypothesis) and not slow and not browser' $(TESTS)

# One profile and one portal for each test, two browsers at once. Whatever is missing is named in one line.
test-portal: $(VENV)/dev.stamp ## run the tests of the reference portal in a real browser (about four minutes)
	@sh tools/portal_tools.sh
	@$(PYTEST) --maxprocesses=2 --dist=load -m browser $(or $(TESTS),tests/portal_browser)

journey: $(VENV)/dev.stamp ## run the applicant's journey, step by step
	@$(BIN)/python -m pytest -v -m 'journey and not browser' $(TESTS)

coverage: $(VENV)/dev.stamp ## run the tests and demand every branch of the domain
	@$(PYTEST) -m 'not slow and not browser' --cov --cov-report= $(TESTS)
	@$(BIN)/python -m coverage report --include='*/traffic_booking/domain/*' --fail-under=100

# Two at a time. If make can, the output of each is printed in one piece. check_reference reads what `docs` has built.
TOOL_CHECKS := $(patsubst tools/check_%.py,check-%,$(wildcard tools/check_*.py))
CHECKS := docs check-types check-installed check-ruff check-format check-imports $(TOOL_CHECKS)
.PHONY: $(CHECKS)

check: $(VENV)/dev.stamp ## lint, types, architecture, documentation
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) $(CHECKS)

check-installed:
	@echo '== pip: what is installed fits together'
	@$(PIP) check

check-ruff:
	@echo '== ruff: rules'
	@$(BIN)/ruff check --quiet $(SOURCES)

check-format:
	@echo '== ruff: format'
	@$(BIN)/ruff format --quiet --check $(SOURCES) || { echo 'run: $(BIN)/ruff format $(SOURCES)'; exit 1; }

check-types:
	@echo '== mypy'
	@$(BIN)/mypy --no-error-summary $(SOURCES)

check-imports:
	@echo '== import-linter'
	@$(BIN)/lint-imports --no-cache --no-logo

check-reference: docs

$(TOOL_CHECKS): check-%:
	@echo '== tools/check_$*.py'
	@$(BIN)/python -m tools.check_$*

rules-off: $(VENV)/dev.stamp ## turn each rule off and move its limits: its own evidence has to notice
	@$(BIN)/python -m tools.rules_off

# `make soak SCALE=0.01` runs a hundredth of a release, `make soak MINUTES=10` as much of one as that time holds,
# `make soak ONLY=storm` one campaign: 200,000 bookings by 8 processes on PostgreSQL.
SCALE ?= 1
MINUTES ?=
SEED ?= 1
ONLY ?=

soak: $(VENV)/dev.stamp ## every campaign at release length (hours); SCALE=0.01, MINUTES=10, SEED=2, ONLY=storm choose
	@$(BIN)/python -m tools.soak --scale $(SCALE) --seed $(SEED) $(if $(MINUTES),--minutes $(MINUTES)) $(ONLY:%=--only %)

# `make planted FAULT=7 SEED=3 RUNS=20` repeats one; docs/audit/planted.md numbers them.
FAULT ?=
RUNS ?= 20

planted: $(VENV)/dev.stamp ## plant faults in our stores: the conformance kit has to catch each in every run
	@$(BIN)/python -m tools.planted --seed $(SEED) --runs $(RUNS) $(if $(FAULT),--fault $(FAULT))

# 200 for a release.
FAILOVERS ?= 20

test-standby: $(VENV)/dev.stamp ## kill a PostgreSQL primary in a storm and promote its standby, again and again (FAILOVERS=20)
	@$(BIN)/python -m tests.campaigns.failovers --failovers $(FAILOVERS)

docs: $(VENV)/dev.stamp ## build the documentation into build/docs
	@echo '== sphinx'
	@$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/doctrees docs build/docs

shots: $(VENV)/dev.stamp ## draw the pictures of the README: the shell, and the portal in Chromium, with a stopped clock
	@$(BIN)/python -m tools.shots
	@$(BIN)/python -m tools.portal_shots

# Headings go to standard error, so that standard output holds the JSON alone. Parts that benchmarks share start with `_`.
bench: $(VENV)/dev.stamp ## run every benchmark and print its ratios as JSON
	@found=; failed=; \
	for file in benchmarks/[!_]*.py; do \
	  test -f "$$file" || continue; \
	  found=yes; echo "== $$file" >&2; \
	  $(BIN)/python "$$file" --json || failed="$$failed $$file"; \
	done; \
	test -n "$$found" || echo 'benchmarks/ holds no benchmark yet' >&2; \
	test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

# One resolution for all platforms and interpreters; dev takes demo's pins, lowest the oldest releases we promise.
COMPILE = $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
  --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links \
  --no-emit-package traffic-booking --custom-compile-command 'make requirements' $(COMPILE_ARGS)

requirements: $(VENV)/pyvenv.cfg ## compile requirements/*.txt; COMPILE_ARGS=--upgrade takes newer releases
	@test -x $(VENV)/lock/bin/python || $(BIN)/python -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --disable-pip-version-check -qq install --no-deps --require-hashes -r requirements/uv.txt
	@$(COMPILE) pyproject.toml --extra all --extra portal --group build -o requirements/demo.txt
	@$(COMPILE) pyproject.toml --extra all --extra portal --group dev -c requirements/demo.txt -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra all --extra portal --group test --resolution lowest-direct -o requirements/lowest.txt
	@$(COMPILE) --group peers -o requirements/peers.txt
	@$(COMPILE) --group lock -o requirements/uv.txt

clean: ## remove .venv and everything built
	@rm -rf $(VENV) build dist .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One .venv, filled in two steps: a newcomer's first `make demo` waits for the small set alone. The compiled files name
# everything, so pip resolves nothing (--no-deps): releases before 24 would look at newer releases of what is asked for
# with an extra, and stop there because those aren't pinned. `make check` has pip say that nothing is missing.
$(VENV)/pyvenv.cfg:
	@python=$$(sh tools/find_pythons.sh $(PYTHON) | sed -n '1s/^[^ ]* //p'); \
	test -n "$$python" || exit 1; \
	echo "== $(VENV): $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)

$(VENV)/demo.stamp: $(VENV)/pyvenv.cfg requirements/demo.txt pyproject.toml
	@echo '== installing what the library needs (once)'
	@$(PIP) install --no-deps --require-hashes -r requirements/demo.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/demo.stamp requirements/dev.txt
	@echo '== installing what its tests, checks and documentation need (once)'
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@
