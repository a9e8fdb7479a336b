# make run      sets up, crawls the bundled sample site (or FEEDS=feeds.txt) into articles.db
# make test     ruff, mypy, pytest: what CI runs
# make bench    the cleaner on labelled pages (DATA=folder), beside trafilatura
# make bench-clean  the same, trained anew without each page's site, beside six peers, above floors
# make bench-fetch  the fetcher on a web of its own, or on the feeds that ARGS names, beside httpx
# make bench-store  the store with a million made-up articles, some 20 GB of disk (DATA=folder, ARGS)
# make bench-syndication  copies of stories found among 10,000 articles (DATA=folder of labelled pages)
# make rules    renews what is read of the rules, after a change of scraper/clean/rules/*.toml
# make fmt      formats the code
# make clean    removes what the others made, but never a database

PYTHON ?= python3
VENV ?= .venv
DB ?= articles.db
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH := $(VENV)/.bench
ARGS ?=

.PHONY: run test bench bench-clean bench-fetch bench-store bench-syndication rules fmt clean

run: $(STAMP)
ifdef FEEDS
	$(BIN)/scraper add "$(FEEDS)" --db "$(DB)"
	$(BIN)/scraper crawl -v --due now --db "$(DB)" || [ $$? -eq 1 ]
	$(BIN)/scraper show --db "$(DB)"
else
	$(BIN)/scraper demo --db "$(DB)"
endif

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q

bench: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -W ignore -m benchmarks "$(DATA)" --shipped --peers trafilatura $(ARGS)

bench-clean: $(BENCH)
	PYTHONPATH=tests $(BIN)/python -W ignore -m benchmarks "$(DATA)" $(ARGS)

bench-fetch: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.fetching $(ARGS)

bench-store: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.storing $(if $(DATA),--data "$(DATA)") $(ARGS)

bench-syndication: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -m benchmarks.syndication "$(DATA)" $(ARGS)

rules: $(STAMP)
	$(BIN)/python tests/renew_rules.py

fmt: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "scraper needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "this Python can't make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }
	@echo "installing into $(VENV), about a minute"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@

$(BENCH): $(STAMP)
	@echo "installing the peers into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]"
	@touch $@
