# Everything starts here: `make demo`, `make up`, `make test`, `make check`, `make bench`.
# Paths are relative, so that the checkout may lie in a directory with spaces in its name.

.DEFAULT_GOAL := help
SHELL := /bin/sh

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c '$(SUPPORTED)' >/dev/null 2>&1 && { echo "$$name"; break; }; done)

RUN := .venv/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --no-input
BASE := .venv/.base-$(shell cksum < requirements/base.txt | tr ' ' '-')
DEV := .venv/.dev-$(shell cksum < requirements/dev.txt | tr ' ' '-')
ARGS ?=

TEST_ARGS ?= -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: help demo up doctor test check bench lint format types imports templates deployment migrations schema openapi compose

help:
	@echo "make demo    set everything up, run the main job on the sample documents, then serve (ARGS=--once ends after the job)"
	@echo "make up      set everything up, then serve an empty Guildhall"
	@echo "make test    the tests (ARGS='-k crews')"
	@echo "make check   everything else that must hold: lint, types, import contracts, templates, settings, schema"
	@echo "make openapi write docs/openapi-*.json anew, from the code"
	@echo "make bench   measurements beside their baselines (ONLY=name,name)"
	@echo "make doctor  look at this installation and say what to do"

demo: $(BASE)
	@$(RUN) manage.py demo $(ARGS)

up: $(BASE)
	@$(RUN) manage.py up $(ARGS)

doctor: $(BASE)
	@$(RUN) manage.py doctor

test: export PYTHONDONTWRITEBYTECODE = # or each of a hundred processes would compile all that it imports
test: $(DEV)
	$(RUN) -m pytest $(TEST_ARGS) $(ARGS)

bench: $(DEV)
	@$(RUN) -m bench --only "$(ONLY)" $(ARGS)

# One list, the same here, in .ci/run and before a commit (.pre-commit-config.yaml).
check: lint format types imports templates deployment migrations schema compose

lint: $(DEV)
	$(RUN) -m ruff check .

format: $(DEV)
	$(RUN) -m ruff format --check .

types: $(DEV)
	$(RUN) -m mypy

imports: $(DEV)
	$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo

templates: $(DEV)
	$(RUN) -m djlint --lint --quiet templates

deployment: $(DEV)
	ENVIRONMENT=production SECRET_KEY=$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))') ALLOWED_HOSTS=guildhall.example \
		$(RUN) manage.py check --deploy --fail-level WARNING

migrations: $(DEV)
	$(RUN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

schema: $(DEV)
	$(RUN) manage.py check_openapi

openapi: $(DEV)
	$(RUN) manage.py check_openapi --write

compose: $(DEV)
	$(RUN) -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

# --- the environment: made once per content of the requirement files ---------------------------------------------

$(RUN):
	@test -n "$(PYTHON)" || { echo "Guildhall needs Python 3.11, 3.12 or 3.13 and found none of them."; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" -c '$(SUPPORTED)' || { echo "$(PYTHON) is $$("$(PYTHON)" --version 2>&1); Guildhall needs Python 3.11, 3.12 or 3.13."; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module."; \
		echo "Debian, Ubuntu: apt install python3-venv, then make $(MAKECMDGOALS) again."; exit 1; }
	@"$(PYTHON)" -m venv --clear .venv

$(BASE): requirements/base.txt | $(RUN)
	@echo "Installing what Guildhall needs into .venv: about 411 MB to download, 1.5 GB on disk, about 2 minutes; once."
	@$(PIP) install --require-hashes -r requirements/base.txt
	@rm -f .venv/.base-*
	@touch "$@"

$(DEV): requirements/dev.txt | $(RUN)
	@echo "Installing Guildhall and its test tools into .venv: about 480 MB to download, 1.8 GB on disk, about 2 minutes; once."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@rm -f .venv/.base-* .venv/.dev-*
	@touch "$@" "$(BASE)"
