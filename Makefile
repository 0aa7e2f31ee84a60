# Everything below happens inside the checkout: .venv (the environment) and .cache (downloads, caches).
# Needed beforehand: make and CPython 3.11, 3.12 or 3.13. No root, no other tools.
#   make PYTHON=python3.12 …   builds on that interpreter instead of the first that fits
#   make test ARGS="-k order"  passes arguments on, to pytest here and to `sigap demo` in `make demo`

.DEFAULT_GOAL := setup
MAKEFLAGS += --no-print-directory --no-builtin-rules
.PHONY: help setup test check demo clean

BIN := .venv/bin
ARGS ?=

export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export npm_config_cache := $(CURDIR)/.cache/npm

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

setup: ## the environment, the locked dependencies and the pages (the default)
	@PYTHON='$(PYTHON)' sh .ci/setup

test: setup ## every test
	@$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder $(ARGS)

check: setup ## lint, format, types, imports between parts, documentation
	@sh .ci/check

demo: setup ## a broker, the server, a simulated fleet; prints the links
	@$(BIN)/sigap demo $(ARGS)

clean: ## removes the environment, the caches, the built pages and the demo's data
	rm -rf .venv .cache .hypothesis build dist server/sigap_server/web server/sigap_server/console/node_modules var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
