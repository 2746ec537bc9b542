# Everything a person runs. `make` alone lists it. Needs Python 3.11 or newer and make; each target sets up what it needs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# PYTHON=python3.12 chooses another; otherwise the first that is new enough.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)

BIN := .venv/bin
INSTALLED := .venv/installed
KAFKA := .cache/kafka/complete
KAFKA_CLASSES := .cache/kafka/classes.jsa
ASYNCAPI := .cache/asyncapi/complete
WORKERS ?= 2
ARGS ?=

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Some images tell Python to keep nothing it has compiled. Then every process compiles every library anew: 1.5 s each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

.PHONY: demo
demo: $(INSTALLED)  ## the whole story on this machine, without any server; ARGS=--serve leaves it running
	@$(BIN)/czt demo $(ARGS)

.PHONY: test
test: check kafka asyncapi  ## everything: style, types, arrows, and all tests with real Kafka and PostgreSQL
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: unit
unit: $(INSTALLED)  ## only the tests without I/O
	@$(BIN)/python -m pytest tests/unit -q $(ARGS)

.PHONY: faults
faults: $(INSTALLED) kafka  ## all is killed at random, four seeds (CZT_TEST_SEED=n repeats one); 100,000 events by two workers; 300 long random histories; hostile and spoiled files
	@for seed in $(or $(CZT_TEST_SEED),$$($(BIN)/python -c 'import random; print(*random.sample(range(1_000_000), 4))')); do \
		CZT_TEST_SEED=$$seed CZT_TEST_ROUNDS=3 $(BIN)/python -m pytest tests/e2e/test_killed_at_random.py \
			-q -s -o faulthandler_timeout=1200 $(ARGS) || exit 1; done
	@CZT_TEST_TRANSACTIONS=600 $(BIN)/python -m pytest tests/e2e/test_captured_at_random.py -q -s -o faulthandler_timeout=1200 $(ARGS)
	@CZT_TEST_MUTATIONS=4000 $(BIN)/python -m pytest tests/integration/test_mutated_catalogues.py -q -o faulthandler_timeout=1800 $(ARGS)
	@CZT_TEST_HOSTILE=all $(BIN)/python -m pytest tests/integration/test_hostile_files.py -q $(ARGS)
	@CZT_TEST_EVENTS=100000 $(BIN)/python -m pytest tests/integration/test_two_workers.py -q -s -o faulthandler_timeout=1200 $(ARGS)
	@CZT_TEST_HISTORIES=300 CZT_TEST_STEPS=40 $(BIN)/python -m pytest tests/integration/test_any_history.py -q -o faulthandler_timeout=3600 $(ARGS)

.PHONY: check
check: $(INSTALLED)  ## style, format, types, and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo 'Run `make format`.' >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(INSTALLED)  ## rewrite imports and layout as `make check` wants them
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

.PHONY: bench
bench: $(INSTALLED) kafka  ## how fast it is here; ARGS=--quick for a first look
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: setup
setup: $(INSTALLED)  ## .venv with the locked dependencies and this project
	@:

# uv, itself from the lock, takes seconds; plain pip does the same in half a minute where uv has no wheel.
$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer was not found. Install it, or say which: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo '$(PYTHON) is not Python 3.11 or newer. Say another: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) has no venv. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo "Setting up .venv …" >&2
	@$(BIN)/python -c 'import pip; $(NEW_ENOUGH)' 2>/dev/null || { rm -rf .venv && $(PYTHON) -m venv .venv; }
	@awk '/^[^ ]/ { uv = /^uv==/ } { print > (uv ? ".venv/uv.lock" : ".venv/rest.lock") }' requirements.lock
	@if $(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r .venv/uv.lock 2>/dev/null; \
	then $(BIN)/uv pip sync --quiet --python ./$(BIN)/python --require-hashes requirements.lock; \
	else $(BIN)/python -m pip install --quiet --require-hashes -r .venv/rest.lock; fi
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: lock
lock: $(INSTALLED)  ## work out requirements.lock anew (UPGRADE=--upgrade takes the newest versions)
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-annotate --no-header \
		--quiet $(UPGRADE) -o requirements.lock

.PHONY: kafka
kafka: $(INSTALLED)  ## Apache Kafka's jars for the tests, where Java and Maven are there
	@if test -n "$$(command -v java)" && test -n "$$(command -v mvn)"; then $(MAKE) --silent $(KAFKA_CLASSES); \
	else echo 'Without Java and Maven the tests on Apache Kafka are left out.' >&2; fi

# Without the network the tests on Kafka are left out, loudly; under CI they fail.
$(KAFKA): tests/support/kafka/pom.xml
	@echo "Fetching Apache Kafka …" >&2
	@rm -rf .cache/kafka && mkdir -p .cache/kafka
	@if mvn -q -B -f $< dependency:copy-dependencies -DoutputDirectory='$(CURDIR)/.cache/kafka' -DincludeScope=runtime </dev/null; \
	then touch $@; else rm -rf .cache/kafka; echo 'Apache Kafka could not be fetched.' >&2; fi

# Only for speed: a broker starts in a third of the time. Without it the tests do the same.
$(KAFKA_CLASSES): $(KAFKA)
	@test ! -e $(KAFKA) || $(BIN)/python -m tests.support.kafka_classes || echo 'Apache Kafka starts slowly here.' >&2

.PHONY: asyncapi
asyncapi:  ## AsyncAPI's own reader for the tests, where Node.js is there
	@if test -n "$$(command -v npm)"; then $(MAKE) --silent $(ASYNCAPI); \
	else echo 'Without Node.js and npm the AsyncAPI document is not read by AsyncAPI itself.' >&2; fi

# Versions and hashes come from the lock. Nothing that a package brings is run.
$(ASYNCAPI): tests/support/asyncapi/package-lock.json tests/support/asyncapi/check.cjs
	@echo "Fetching AsyncAPI's reader …" >&2
	@rm -rf .cache/asyncapi && mkdir -p .cache/asyncapi && cp tests/support/asyncapi/* .cache/asyncapi/
	@if npm ci --prefix .cache/asyncapi --ignore-scripts --no-audit --no-fund --silent </dev/null; \
	then touch $@; else rm -rf .cache/asyncapi; echo "AsyncAPI's reader could not be fetched." >&2; fi

.PHONY: schemas
schemas: $(INSTALLED)  ## write schemas/published/ and the generated tables of the READMEs anew
	@$(BIN)/python -m deploy.publish_schemas
	@$(BIN)/python -m deploy.readme

.PHONY: clean
clean:  ## remove what was made here, .venv included
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
