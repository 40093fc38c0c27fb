# Two commands: `make run` and `make test`. Both prepare whatever is missing, starting from a bare Python.
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
START = @test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }; exec $(PYTHON) saas/cli/bootstrap.py

.PHONY: run test test-fast test-e2e stop doctor lock format

run: ## set up what is missing, run everything, print addresses and passwords; Ctrl-C stops
	$(START) up

test: ## all checks and tests, browser journeys and fault tests included
	$(START) test

test-fast: ## a quick look: no browser, fault or slow tests, two cases of each generated one
	$(START) test --fast

test-e2e: ## only the browser journeys and fault tests
	.venv/bin/python -m pytest -q -m "e2e or faults"

stop: ## stop what `make run` started in another terminal
	$(START) down

doctor: ## what is configured, what is missing
	$(START) doctor

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --group dev pyproject.toml -o requirements.lock

format: ## ruff fixes and format
	.venv/bin/python -m ruff check --fix . && .venv/bin/python -m ruff format .
