# Guichet: two commands are enough, `make demo` and `make test`. Each does its own set-up.
.PHONY: demo test check bench bench-long lint types qmllint contracts setup clean
.PHONY: ha
BIN := .venv/bin
PACKAGES := kiosk ui devices workbench offline_cache provisioning back_office benchmarks simulation deploy
PYTEST := $(BIN)/python -m pytest

setup:
	@./setup.sh

demo: setup
	@$(BIN)/guichet demo $(if $(DATABASE),--database $(DATABASE)) $(if $(VISITS),--scripted --visits $(VISITS)) $(DEMO)

test: setup
	@tests/run

bench: setup
	@$(BIN)/python -m benchmarks

bench-long: setup
	@$(BIN)/python -m benchmarks --long

lint: setup
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy $(PACKAGES)

qmllint: setup
	@$(BIN)/pyside6-qmllint -W 0 -I ui/qml $$(find ui workbench -name '*.qml')

contracts: setup
	@$(BIN)/lint-imports

ha: setup # not in CI: minutes, and it fetches etcd and Patroni (deploy/patroni/README.md)
	@$(BIN)/python -m deploy.patroni.three_nodes $(HA)

check: lint types qmllint contracts test

clean:
	rm -rf demo-output .guichet
