# Everything lives in .venv; each target sets up what it needs. On Windows: see README.md, "Install".
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench clean

demo: .venv/.installed ## sample clips -> train -> embed -> align -> demo/index.html
	$(BIN)/python -m core.demo --out demo

# Qt's wheels need a few libraries of the system that servers lack; without them the window's tests are left out.
QT_LIBRARIES := libegl1 libgl1 libglib2.0-0 libxkbcommon0 libdbus-1-3 libfontconfig1
QT_LOADS := $(BIN)/python -c "import PySide6.QtWidgets" 2>/dev/null

test: check ## everything that must hold before a change goes in
	@$(QT_LOADS) || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && apt-get install -y -qq $(QT_LIBRARIES); } || true
	@$(QT_LOADS) || echo "Qt does not load: the window's tests are left out. Install $(QT_LIBRARIES)."
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest \
		$$($(QT_LOADS) || echo "-p no:pytest-qt --ignore=tests/carl_gui")

check: .venv/.installed-dev ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.installed-dev ## what we claim about speed and accuracy, as tables
	@missed=; for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python $$program || missed="$$missed $$program"; \
		done; if [ -n "$$missed" ]; then echo "not as claimed, or not run:$$missed"; exit 1; fi

.venv/.created:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

.venv/.installed: .venv/.created pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[onnx]'
	touch $@

.venv/.installed-dev: .venv/.installed
	$(BIN)/python -m pip install --quiet --editable '.[onnx,timm,dev]'
	touch $@

clean: ## remove what the targets made, the environment included
	rm -rf .venv demo build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
