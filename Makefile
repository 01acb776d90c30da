# `make` alone says what there is. PORT=8100 and DB=path/to/file.db pass through to `harvester`,
# TESTS= to pytest: make test TESTS="tests/pubmed -x". Tests run in as many processes as there are
# cores, a file in one; TESTS="-n 0" is one process, as for a debugger.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up test check docs bench accuracy clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_LOG := $(VENV)/pip.log
GENERATED := docs/schema.md docs/cli.md docs/api.md metadata.yml
COG := $(BIN)/cog -P -I docs -p "import generate"

help:
	@echo "make up      harvest the literature, or load the sample, and serve it (PORT=8001 DB=data/literature.db)"
	@echo "make test    run every test that this machine can run (TESTS=tests/...)"
	@echo "make check   lint, types, and whether the generated documents are fresh"
	@echo "make docs    generate those documents again"
	@echo "make bench   measure everything beside its peers, and write docs/performance.md (PARTS=loading; 40 minutes)"
	@echo "make accuracy  score the findings on abstracts that people have labelled, and write the scores for the site"
	@echo "make clean   remove what was built or cached; databases stay"

up: $(VENV)/installed
	@exec $(BIN)/harvester $(if $(DB),--db '$(DB)') up $(if $(PORT),--port '$(PORT)')

test: $(VENV)/installed-test
	@exec $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(VENV)/installed-test
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "Not formatted; run: $(BIN)/ruff format"; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(COG) --check $(GENERATED) || { echo "Generated documents are stale; run: make docs"; exit 1; }

docs: $(VENV)/installed-test
	@$(COG) -r $(GENERATED)

bench: $(VENV)/installed
	@exec $(BIN)/python -m benchmarks $(PARTS)

accuracy: $(VENV)/installed
	@exec $(BIN)/python -m benchmarks.accuracy --write

clean:
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find harvester tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: an environment is stale when the project's requirements or pins have changed.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(call environment)
	@$(call install,-e .)
	@touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt
	@$(call environment)
	@$(call install,-e '.[test]')
	@touch $@ $(VENV)/installed

define environment
if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
    command -v $(PYTHON) >/dev/null || { \
        echo "Python 3.11 or newer is needed, and there is no $(PYTHON) here."; exit 1; }; \
    $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
        echo "Python 3.11 or newer is needed; $$($(PYTHON) -V) is too old. Name another: make PYTHON=python3.12 up"; exit 1; }; \
    echo "Making the environment in $(VENV) ..." >&2; \
    log=$$($(PYTHON) -m venv --clear $(VENV) 2>&1) || { rm -rf $(VENV); \
        echo "Python's venv module does not work here. On Debian or Ubuntu: apt install python3-venv"; exit 1; }; \
fi
endef

define install
echo "Installing ..." >&2; \
$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt $(1) >$(PIP_LOG) 2>&1 \
    || { cat $(PIP_LOG) >&2; echo "The installation failed; pip's words are above." >&2; exit 1; }
endef
