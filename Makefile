# `make run` and `make test` are all most people need. Nothing is assumed but Python 3.11 to 3.13, make and a package index.
.PHONY: run test check setup bench soak lint format format-check types imports shape docs lock scaffold-platform help runtime-env dev-env
.NOTPARALLEL:

PY := .venv/bin/python
PACKAGES := $(wildcard bot handlers services storage)

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 20

run: runtime-env ## Start the desk; with no account connected it is in practice mode
	@exec $(PY) -m bot run --all

test: dev-env ## Run every test but the benches and the long proofs
	@$(PY) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: format-check lint types imports test ## Everything a change must pass

setup: dev-env ## Build .venv with the test and bench tools

bench: dev-env ## Measure: make bench, or make bench ONLY=name
	@$(PY) -m tests.bench $(if $(ONLY),--only "$(ONLY)")

soak: dev-env ## Run the long proofs
	@$(PY) -m pytest -m soak || { [ $$? -eq 5 ] && echo "There are no long proofs yet."; }

lint: dev-env ## Ruff's rules
	@$(PY) -m ruff check .

format: dev-env ## Rewrite the files as ruff formats them
	@$(PY) -m ruff format .

format-check: dev-env ## Fail when a file is not formatted
	@$(PY) -m ruff format --check .

types: dev-env ## mypy, strict
	@$(PY) -m mypy $(PACKAGES) tests

imports: dev-env ## The import contracts
	@$(PY) -c "from importlinter.cli import lint_imports_command as main; main()"

shape: dev-env ## Sizes, and the house rules that no linter knows
	@$(PY) -m pytest -q tests/test_shape.py

docs: dev-env ## The pages agree with the code and with each other
	@$(PY) -m pytest -q tests/test_docs.py

lock: dev-env ## Resolve the dependencies again, keeping pins that still fit
	@sh scripts/lock.sh

scaffold-platform: dev-env ## Begin an adapter: make scaffold-platform NAME=pinterest
	@$(PY) scripts/scaffold_platform.py "$(NAME)"

runtime-env:
	@COPYDESK_TARGET=$(firstword $(MAKECMDGOALS)) sh scripts/venv.sh runtime

dev-env:
	@COPYDESK_TARGET=$(firstword $(MAKECMDGOALS)) sh scripts/venv.sh dev
