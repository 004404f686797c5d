# make app: the app at http://127.0.0.1:8501. make test: every test. Nothing else is needed first
# but Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?=
PIP_FLAGS := --quiet --disable-pip-version-check $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))
BIN := $(VENV)/bin

.PHONY: app test check audit faults faults-long screenshots clean

app: $(VENV)/.installed
	$(BIN)/streamlit run app.py

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Asks a service on the network; --strict, so that what it could not look up is no good news.
audit: $(VENV)/.installed-dev
	$(BIN)/python -m pip install $(PIP_FLAGS) pip-audit
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r constraints.txt

faults: $(VENV)/.installed-dev
	$(BIN)/python -m faults

faults-long: $(VENV)/.installed-dev
	$(BIN)/python -m faults --long --write

screenshots: $(VENV)/.installed-dev
	$(BIN)/python docs/screenshots.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-cluster.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
