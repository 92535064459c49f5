# make run: open the app.  make test: every check.  make wheel: a package to install.  All start from a fresh clone with python3 and make alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= localhost

# Browser tests run in two processes, each with a server and a browser of its own. One that fails is run once more, and
# the summary says so; where more than three fail, something is wrong.
ONCE_MORE := --reruns 1 --max-suite-reruns 3 --rerun-exclude-path=tests/server --rerun-show-tracebacks -rR

.PHONY: run test lint wheel clean

run: $(VENV)/run.stamp
	$(BIN)/python -m core run --port $(PORT) --host $(HOST)

test: $(VENV)/test.stamp lint
	$(BIN)/python -m playwright --version
	$(BIN)/python tests/browser.py
	$(BIN)/python -m pytest -n 2 -m "not browser and not alone"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser $(ONCE_MORE)
	$(BIN)/python -m pytest -m alone

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# dist/precedence-VERSION-py3-none-any.whl: the program, its assets and its sample data.
wheel: $(VENV)/made.stamp
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Precedence needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/run.stamp: requirements.txt $(VENV)/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/test.stamp: requirements.txt requirements-ray.txt tests/requirements.txt $(VENV)/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) dist .precedence .pytest_cache .mypy_cache .ruff_cache
