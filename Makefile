# `make` lists the targets. ARGS="…" is handed on to the program that a target runs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
# --locked in CI, where the checked-in Cargo.lock must hold.
LOCKED ?=
# `make demo PROFILE=release` for the speed of a real installation.
PROFILE ?= dev
ARGS ?=
# The program itself; CI names the one that it has built already.
JIAHU ?= $(CARGO) run --quiet $(LOCKED) --profile $(PROFILE) -p jiahu --bin jiahu --

DEMO_DIR := .jiahu/demo
SPEC := mobile-api-spec/openapi.json

##@ Try it
.PHONY: demo demo-reset county-day county-year
demo: ## Build, then serve the demo county from .jiahu/demo on 127.0.0.1
	$(CARGO) build $(LOCKED) --profile $(PROFILE) -p jiahu --bin jiahu
	$(JIAHU) demo --data-dir $(DEMO_DIR) $(ARGS)

demo-reset: ## Delete the demo's data, then demo
	rm -rf -- $(DEMO_DIR)
	$(MAKE) --no-print-directory demo

county-day: ## Play a working day over HTTP against a running server (ARGS="--help")
	$(CARGO) run --quiet $(LOCKED) --profile $(PROFILE) -p jiahu-tests --bin county-day -- $(ARGS)

county-year: ## Play a year of follow-up after discharge against a running server (ARGS="--help")
	$(CARGO) run --quiet $(LOCKED) --profile $(PROFILE) -p jiahu-tests --bin county-year -- $(ARGS)

##@ Change it
.PHONY: fmt lint test faults spec spec-check
fmt: ## Format the Rust code
	$(CARGO) fmt --all

lint: ## Check the format, then clippy with every warning an error
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings

# Builds the program too: the tests of the command line start it.
test: ## The whole suite on SQLite and on a private PostgreSQL
	$(CARGO) build $(LOCKED) --workspace --all-targets
	scripts/with-postgres $(CARGO) test $(LOCKED) --workspace $(ARGS)

faults: ## 10,000 nurse-days over a bad channel, on both databases (takes long; sooner with TMPDIR on a RAM disk)
	scripts/with-postgres $(CARGO) test $(LOCKED) --release -p jiahu-tests --test suite -- --ignored --nocapture nurse_days $(ARGS)

spec: ## Write mobile-api-spec/openapi.json anew from the code
	@mkdir -p $(dir $(SPEC))
	@made=$$(mktemp $(SPEC).XXXXXX); trap 'rm -f "$$made"' EXIT; \
	$(JIAHU) openapi >"$$made" && chmod 644 "$$made" && mv -- "$$made" $(SPEC) && echo "wrote $(SPEC)"

spec-check: ## Fail when the checked-in spec is not what the code says
	@made=$$(mktemp); trap 'rm -f "$$made"' EXIT; \
	$(JIAHU) openapi >"$$made" || exit; \
	if cmp -s $(SPEC) "$$made"; then echo "$(SPEC) is what the code says"; exit; fi; \
	diff -u $(SPEC) "$$made" | head -n 60 || true; \
	echo "$(SPEC) differs from the code: run 'make spec' and commit it"; exit 1

##@ Measure it
.PHONY: bench
bench: ## Nearest search and a county's day on both databases, as ratios
	$(CARGO) build $(LOCKED) --release -p jiahu -p jiahu-tests --bins
	JIAHU_PG_DURABLE=1 scripts/with-postgres \
		$(CARGO) run $(LOCKED) --release -p jiahu-tests --bin bench -- $(ARGS)

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
