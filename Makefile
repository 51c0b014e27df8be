# Two commands do everything: `make up` runs the main job here, `make test` proves it. `make help` lists the rest.
# The only things a machine must have are Python 3.11 or newer, make and git.

PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$each; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
STACK ?= hookwatch
REGION ?= us-east-1
export AWS_DEFAULT_REGION ?= $(REGION)
export SAM_CLI_TELEMETRY := 0
.DEFAULT_GOAL := help

# The environment for running; a stamp file says for which lock it was made.
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
SAM := .venv-sam/.sam
AWS := .venv-aws/.aws

.PHONY: help
help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(RUN): requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "hookwatch needs Python 3.11 or newer on the PATH (or make PYTHON=/path/to/python)"; exit 2; }
	@echo "installing what hookwatch needs into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --no-deps -r requirements/run.txt
	@$(BIN)/python tools/link_package.py
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "installing what the tests need into $(VENV) ..."
	@$(PIP) --no-deps -r requirements/dev.txt
	@touch $@

$(SAM): requirements/sam.txt
	@echo "installing the SAM CLI into .venv-sam ..."
	@test -x .venv-sam/bin/python || $(PYTHON) -m venv .venv-sam
	@.venv-sam/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r requirements/sam.txt
	@touch $@

$(AWS): requirements/aws.txt
	@echo "installing the AWS CLI into .venv-aws ..."
	@test -x .venv-aws/bin/python || $(PYTHON) -m venv .venv-aws
	@.venv-aws/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r requirements/aws.txt
	@touch $@

.PHONY: install
install: $(DEV) $(SAM) $(AWS) ## Install everything, and the system's packages where this user may.
	@sh tools/system_packages.sh chromium chromium-driver valgrind

.PHONY: up
up: $(RUN) ## Run the main job in the local sandbox: signed webhooks in, events on the bus. ARGS="--port 9000" and so on.
	@$(BIN)/hookwatch up $(ARGS)

# One worker more than two cores: one mostly waits, for the alarms of the drills, and the others give way to it. With a
# fourth the run takes nine minutes instead of ten, and one of two runs had a failure.
.PHONY: test
test: install ## Run every test and every check.
	@$(MAKE) --no-print-directory style
	@$(BIN)/python -m pytest -n 3 --no-loadscope-reorder $(ARGS)

.PHONY: quick
quick: $(DEV) ## Run the tests that start nothing: seconds.
	@$(BIN)/python -m pytest -n 2 -m "not sandbox and not browser and not build" $(ARGS)

.PHONY: style
style: $(DEV) ## Check style and types.
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

.PHONY: lint
lint: style ## Check style, types and templates; the tests look at the templates by themselves.
	@$(BIN)/cfn-lint template.yaml alarms/*.yaml dashboards/*.yaml runbooks/*.yaml

.PHONY: format
format: $(DEV) ## Put the code into its one form.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet .

.PHONY: bench
bench: install ## Compare our handler with a plain one, side by side in one run.
	@$(BIN)/python tests/bench/bench_handler.py $(ARGS)

.PHONY: bench-redelivery
bench-redelivery: $(DEV) ## Bring back 270 of 7,000 failed deliveries, beside the loop of GitHub's documented script.
	@$(BIN)/python tests/bench/bench_redelivery.py $(ARGS)

.PHONY: chaos
chaos: $(DEV) ## Send thousands of webhooks while everything behind the functions fails; count what was lost. ARGS="--count 50000"
	@PYTHONPATH=tests $(BIN)/python -m chaos.run $(ARGS)

.PHONY: build
build: $(RUN) ## Make the Lambda artefact in build/ and print its size and imports.
	@$(BIN)/python tools/build_artefact.py --output build/lambda

.PHONY: validate
validate: $(SAM) ## Let the SAM CLI judge and build the template.
	@.venv-sam/bin/sam validate --lint
	@.venv-sam/bin/sam build

.PHONY: deploy
deploy: validate ## Deploy to AWS with the SAM CLI: make deploy STACK=hookwatch REGION=eu-west-1. Asks before it changes anything.
	@.venv-sam/bin/sam deploy --guided --stack-name $(STACK) --region $(REGION) --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND $(ARGS)

.PHONY: lock
lock: $(DEV) ## Pin the dependencies anew from requirements/*.in.
	@$(BIN)/python tools/lock.py

.PHONY: clean
clean: ## Remove everything that was made here.
	@rm -rf .venv .venv-sam .venv-aws build dist .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
