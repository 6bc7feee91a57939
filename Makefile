# Every recipe of the house. `make run` needs python3.11 or later and make, nothing else; `make test` the same.

PY ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
CODE := bot channels handlers conversation domain storage
# Where a run leaves its hash: .venv/.ok for what the program needs, .venv/.dev for what its tests need as well.
EXTRACT := $(BIN)/pybabel -q extract -F babel.cfg -k N_ -k say -k say.text -k say.several:1,2 -c TRANSLATORS: \
	--no-location --project=Lindung --copyright-holder="Lindung contributors" --sort-output --width=110

.PHONY: run test check bench storyboard record screenshots docs schema texts clean env dev style catalogs

run: env
	@$(BIN)/python -m bot run

test: style catalogs
	@$(BIN)/python -m tests.machine
	@$(BIN)/pytest -n 2 -rs

check: style catalogs
	@$(BIN)/pytest -n 2 -m "not slow and not browser"

style: dev
	@$(BIN)/ruff format --check -q . || { echo "Some files are not formatted: run $(BIN)/ruff format ."; exit 2; }
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >.venv/imports.log 2>&1 || { cat .venv/imports.log; exit 2; }

catalogs: dev
	@$(EXTRACT) -o .venv/messages.pot $(CODE)
	@$(BIN)/pybabel -q update --check -w 110 --ignore-pot-creation-date -i .venv/messages.pot -d locales -D messages 2>/dev/null || \
		{ echo "The catalogs lack a text: run make texts, then translate what is new."; exit 2; }

bench: dev
	@$(BIN)/python -m bench

storyboard: env
	@$(BIN)/python -m bot storyboard

# Writes down anew what whole conversations say; the difference is for reviewing.
record: dev
	@$(BIN)/python -m tests.record
	@git --no-pager diff --stat -- tests/conversations

# Draws the pictures of docs/images anew, from the whole job at the demo's page; it needs a Chromium.
screenshots: dev
	@SCREENSHOTS=1 $(BIN)/pytest tests/test_whole_page.py tests/test_broadcast_page.py

docs: dev
	@$(BIN)/python -m bot.settings_page docs/settings.md

# Writes the tables of a new database down as SQL, anew from storage/schema*.py.
schema: dev
	@$(BIN)/python -m storage.schema_text

texts: dev
	@$(EXTRACT) -o locales/messages.pot $(CODE)
	@$(BIN)/pybabel -q update -w 110 --no-fuzzy-matching --ignore-pot-creation-date -i locales/messages.pot -d locales -D messages

# Never var/ or secrets/: they hold people's data and the keys.
clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

env:
	@[ "$$(cat .venv/.dev 2>/dev/null)" = "$$(cksum < requirements-dev.txt)" ] || \
	$(call install,requirements.txt,.venv/.ok)

dev:
	@$(call install,requirements-dev.txt,.venv/.dev)

# $(1): a list of libraries with their hashes, $(2): the stamp that tells that exactly this list is installed.
define install
	[ "$$(cat $(2) 2>/dev/null)" = "$$(cksum < $(1))" ] || { \
	[ -n "$(PY)" ] || { echo "Lindung needs Python 3.11 or later: install it (Debian: apt-get install python3 python3-venv)."; exit 2; }; \
	$(PY) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python lacks its venv part: install it (Debian: apt-get install python3-venv)."; exit 2; }; \
	echo "Preparing .venv from $(1) ..."; \
	rm -f .venv/.ok .venv/.dev; \
	$(PY) -m venv .venv || { echo "The folder .venv cannot be made here: make this folder writable, or free some disk space."; exit 2; }; \
	{ uv --version >/dev/null 2>&1 && uv pip sync -q --require-hashes --python $(BIN)/python $(1) 2>/dev/null; } || \
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1) || \
	{ echo "The libraries could not be fetched: check the network, then run it again."; exit 2; }; \
	cksum < $(1) > $(2); }
endef
