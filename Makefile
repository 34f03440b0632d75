# Everything a newcomer needs. `make help` lists the verbs; each works on a fresh machine with Python 3.11+ and cargo.
PYTHON ?= python3
BIN := .venv/bin
RUST_SOURCES := Cargo.lock $(shell find tariff_core \( -name '*.rs' -o -name 'Cargo.toml' \) -not -path '*/target/*')

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check lint fmt gen rust-test bench crash clean

help: ## List the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

setup: .venv/.packages .venv/.tariff_core ## Make .venv with everything in it and build the Rust extension

.venv/bin/uv:
	$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check uv

.venv/.tariff_core: $(RUST_SOURCES) tariff_core/pyproject.toml Cargo.toml | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt maturin && VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/maturin develop --quiet --release --locked --uv --manifest-path tariff_core/py/Cargo.toml && touch $@

.venv/.packages: pyproject.toml constraints.txt .venv/.tariff_core | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]' && touch $@

demo: setup ## Play one roaming charge end to end and print who owes whom what
	@$(BIN)/python -m tests.demo

up: setup ## Run the platform, data in ./interwatt-data
	@$(BIN)/interwatt up

test: setup rust-test ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

rust-test:
	cargo test --quiet --locked --package tariff-core

check: lint test ## What .ci/run runs

lint: setup ## Linters, types, import contracts, contract lint, generated stubs unchanged
	$(BIN)/python -m tests.lint

fmt: setup ## Format everything
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cargo fmt --all && $(BIN)/buf format -w proto

gen: setup ## Regenerate the gRPC stubs in proto/gen
	$(BIN)/python proto/generate.py

bench: setup ## Run one benchmark: make bench NAME=pricing
	$(BIN)/python -m benchmarks $(NAME)

crash: setup ## Fault injection in its long mode: make crash KILLS=200
	$(BIN)/python -m tests.crash --kills $(or $(KILLS),200)

clean: ## Remove what the other verbs made
	rm -rf .venv target interwatt-data
