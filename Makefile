# Everything a person or CI runs. 'make' lists the targets.

BIN      := $(CURDIR)/.cache/bin
FUZZTIME ?= 10s
PLATFORM ?= linux/$(shell go env GOARCH)

export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run build clients deps test short check lint vulnerabilities race fuzz bench image clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

run: ## a registry on 127.0.0.1:5000, data in ./argosy-data
	go run ./cmd/argosy serve

build: ## the static binary, bin/argosy
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/argosy ./cmd/argosy

clients: ## oras, crane, regctl and helm, as pinned in tools/, in .cache/bin
	@tools/build oras crane regctl helm

deps:
	@tools/debian
	@tools/build oras crane regctl helm distribution conformance

test: deps ## every test: units, both databases, real clients, conformance, browser, faults
	ARGOSY_E2E=1 go test -timeout=20m ./...

short: ## what needs no client, database server or browser; the inner loop
	go test ./...

check: lint vulnerabilities ## formatting, vet, staticcheck, go.mod, known vulnerabilities

lint:
	@tools/build staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt: not formatted:" $$unformatted; exit 1; }
	go mod verify
	go mod tidy -diff
	go vet ./...
	staticcheck ./...

vulnerabilities:
	@tools/build govulncheck
	@tools/vulnerabilities

race: ## the unit tests and the conformance program under the race detector
	@tools/debian
	@tools/build conformance
	go test -race -timeout=20m $$(go list ./... | grep -v /e2e$$)
	ARGOSY_E2E=1 ARGOSY_E2E_RACE=1 go test -timeout=10m -run='^TestConformance$$' ./e2e

fuzz: ## each fuzz target for FUZZTIME
	@tools/fuzz $(FUZZTIME)

bench: ## Argosy beside its peers and the machine's limits; writes results/
	@tools/debian bench
	go run ./bench

image: ## the container image as an OCI layout, dist/image; PLATFORM=linux/amd64,linux/arm64
	go run ./cmd/argosy-image -o dist/image -platform $(PLATFORM)

clean: ## remove what the targets above made, but no data
	rm -rf bin dist results .cache
