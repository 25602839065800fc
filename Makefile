# Everything lives in .venv; each target sets up what it needs. On Windows, or without make: docs/installing.md.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# CPU=1 leaves out CUDA. LIBRARIES: locked (constraints/), newest or oldest.
LIBRARIES ?= locked
INSTALL := $(PYTHON) tools/install.py --venv $(VENV) --libraries $(LIBRARIES) $(if $(CPU),--cpu)

.PHONY: docs pictures demo test quick check newest matrix lock bench fuzz bundle clean

demo: $(VENV)/.installed ## sample clips -> train -> embed -> align -> demo/index.html
	@$(BIN)/python -m core.demo --out demo

# Qt's wheels need a few libraries of the system that servers lack; without them the window's tests are left out.
QT_LIBRARIES := libegl1 libgl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1
QT_LOADS := $(BIN)/python -c "import PySide6.QtWidgets" 2>/dev/null

# Bytecode is kept, whatever an image of a container says: without it every process of the tests compiles every file again.
PYTEST = PYTHONDONTWRITEBYTECODE= QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --dist worksteal \
	$$($(QT_LOADS) || echo "-p no:pytest-qt --ignore=tests/carl_gui")

test: check ## everything that must hold before a change goes in
	@$(QT_LOADS) || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && apt-get install -y -qq $(QT_LIBRARIES); } || true
	@$(QT_LOADS) || echo "Qt does not load: the window's tests are left out. Install $(QT_LIBRARIES)."
	$(PYTEST)

quick: check ## the same without the journeys, which take most of the time: while you work
	$(PYTEST) -m "not journey"

check: $(VENV)/.installed-dev ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPY_NUM_WORKERS=$$($(BIN)/python -c "import os; print(min(4, os.cpu_count() or 1))") $(BIN)/mypy
	$(BIN)/lint-imports

newest: ## the same tests with the newest release of every library, ceilings lifted, in .venv-newest
	@rm -f .venv-newest/.installed-dev
	@$(MAKE) --no-print-directory VENV=.venv-newest LIBRARIES=newest .venv-newest/.installed-dev
	@.venv-newest/bin/python -m pip list
	@$(MAKE) --no-print-directory VENV=.venv-newest LIBRARIES=newest test

matrix: ## the demo and the tests on every Python with every set of libraries -> docs/installing.md; hours
	$(PYTHON) tools/matrix.py

lock: ## constraints/ anew from pyproject.toml: UPGRADE=--upgrade takes the newest of everything
	$(PYTHON) tools/lock.py $(UPGRADE)

bench: $(VENV)/.installed-dev ## what we claim about speed and accuracy, as tables
	@missed=; for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python $$program || missed="$$missed $$program"; \
		done; if [ -n "$$missed" ]; then echo "not as claimed, or not run:$$missed"; exit 1; fi

docs: $(VENV)/.installed-docs ## the manual as a site, read from the disk -> site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "The manual: site/index.html"

pictures: $(VENV)/.installed ## the manual's pictures again, from the sample
	@$(BIN)/carl-gui --screenshot build/pictures
	@$(BIN)/python tools/manual_pictures.py build/pictures

fuzz: $(VENV)/.installed-dev ## damaged inputs with a new seed, for an hour: MINUTES=600, or COUNT=2000 for each; TARGETS="lists labels"
	$(BIN)/python -m tests.fuzz $(TARGETS) $(if $(COUNT),--count $(COUNT)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

bundle: ## the program without Python, for this system: dist/carl-gui/carl-gui; CPU=1 keeps it small
	@$(INSTALL) --extras onnx,timm,bundle
	$(BIN)/python -m PyInstaller --noconfirm --log-level WARN --workpath build/bundle packaging/carl-gui.spec
	$(BIN)/python tools/try_bundle.py dist/carl-gui

$(VENV)/.installed: pyproject.toml $(wildcard constraints/*.txt)
	@$(INSTALL) --extras onnx,timm

$(VENV)/.installed-dev: pyproject.toml $(wildcard constraints/*.txt)
	@$(INSTALL) --extras onnx,timm,dev
	@touch $@

$(VENV)/.installed-docs: pyproject.toml $(wildcard constraints/*.txt)
	@$(INSTALL) --extras onnx,timm,docs
	@touch $@

clean: ## remove what the targets made, the environments included
	rm -rf $(VENV) .venv-newest demo site build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
