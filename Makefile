# The commands of this project. `make help` lists them.

HOST = 127.0.0.1
PORT = 8000
MODEL =
ARGS =
IMAGE = nmt
VENV = .venv
SOURCE = --editable .
PYTHON = $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)

BIN := $(VENV)/bin
PIP_INSTALL = $(BIN)/pip install -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help serve test check format install install-dev constraints docker clean

help: ## Show this list
	@echo "make TARGET [VARIABLE=value ...]"
	@echo
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Variables: HOST=$(HOST) PORT=$(PORT) MODEL=$(or $(MODEL),<the bundled one>) VENV=$(VENV) IMAGE=$(IMAGE) ARGS=<options of pytest>"
	@echo "New here? Run 'make serve', then open http://$(HOST):$(PORT)/ in a browser."

serve: install ## Install, then serve translation over HTTP; prints a curl line to try (MODEL=FOLDER: your own model)
	$(BIN)/nmt serve --host $(HOST) --port $(PORT)$(if $(MODEL), --model $(MODEL))

test: install-dev ## Install, then run the tests (ARGS='-k beam' picks some, ARGS='-m slow' the slow ones)
	$(BIN)/python -m pytest $(ARGS)

check: install-dev ## Check format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: install-dev ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(VENV)/.installed ## Install what serving and training need, in VENV

install-dev: $(VENV)/.installed-dev ## Install what development needs, too

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found. Name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	$(PIP_INSTALL) setuptools
	$(PIP_INSTALL) --no-build-isolation $(SOURCE)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP_INSTALL) --no-build-isolation --editable '.[dev,tensorboard]'
	@touch $@

constraints: ## Write constraints.txt anew: the latest versions that pyproject.toml allows
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/pip install --upgrade setuptools
	build/constraints/bin/pip install --no-build-isolation '.[dev,tensorboard]'
	{ grep '^#' constraints.txt; build/constraints/bin/pip freeze --all --exclude pip --exclude recurrent-nmt \
		| sed 's/+.*//' | LC_ALL=C sort -f; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/constraints

docker: ## Build the image (PIP_INDEX_URL and PIP_EXTRA_INDEX_URL are handed on)
	docker build --build-arg PIP_INDEX_URL --build-arg PIP_EXTRA_INDEX_URL -t $(IMAGE) .

clean: ## Remove the environment and all that was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
