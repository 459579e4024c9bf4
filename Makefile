# make run    starts the appliance with a demo workspace
# make test   runs every test and installs what it needs
# make help   lists the rest

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell sed -n 's/^## \([0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -1)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
STAMP   := -X runes.im/platform/app.Version=$(VERSION) -X runes.im/platform/app.Commit=$(COMMIT)
BUILD   := CGO_ENABLED=0 go build -trimpath -mod=readonly -ldflags '-s -w $(STAMP)'

GOFUMPT     := go run mvdan.cc/gofumpt@v0.12.0
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.8.0

# What passed is cached, so a second call runs again only what failed: as in the browser, a busy machine may miss a moment once, never twice.
GOTEST := RUNES_REQUIRE_CLIENTS=1 RUNES_BINARY=$(CURDIR)/bin/runes go test -timeout 15m ./...

SOURCES := assets cmd data platform runes ui/icons.go ui/ui.go ui/build packaging

# Packages with goroutines of their own: the race detector looks at all their tests, and in larger packages at those where many act at once.
# What measures time, hashes by the dozen or kills processes says nothing under it.
RACE    := ./platform/store ./platform/event ./platform/job ./platform/tenant ./platform/live ./platform/blob ./platform/web
CROWDED := ./platform/identity ./platform/shell ./runes/contacts ./runes/storage

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

.PHONY: build
build: ## bin/runes, static, everything embedded
	$(BUILD) -o bin/runes ./cmd/runes

.PHONY: run
run: build ## the appliance with a demo workspace at http://localhost:8080
	bin/runes serve --demo

.PHONY: dev
dev: front build ## the same with fresh browser bundles and the gallery of parts
	bin/runes serve --demo --dev

ui/node_modules: ui/package-lock.json
	.ci/need npm
	cd ui && npm ci --no-audit --no-fund
	touch ui/node_modules

.PHONY: front
front: ui/node_modules ## build assets/ from ui/ and runes/*/browser
	cd ui/build && go run .

.PHONY: lint
lint: ui/node_modules ## format, vet, staticcheck, known holes, types, committed assets
	@unformatted=$$($(GOFUMPT) -l $(SOURCES)); \
	if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...
	@.ci/vulnerabilities $(GOVULNCHECK)
	cd ui && npm run --silent check
	cd packaging && go vet .
	cd ui/build && go vet . && go run . -check

.PHONY: format
format: ## write the sources as gofumpt has them
	$(GOFUMPT) -w $(SOURCES)

.PHONY: test-go
test-go: build ## Go tests with the seeds of the fuzz tests; real sync clients and litmus against the built program
	.ci/need nextcloudcmd owncloudcmd litmus vdirsyncer
	$(GOTEST) || { echo "=== once more, where it failed"; $(GOTEST); }

.PHONY: test-race
test-race: ## the race detector, where goroutines meet
	.ci/need gcc
	CGO_ENABLED=1 nice -n 19 go test -race -timeout 15m -skip 'Killed|StepThatFails' $(RACE)
	CGO_ENABLED=1 nice -n 19 go test -race -timeout 15m -run 'AtOnce|Together|Lost|Many|Eight|Stream|Follow|Frame|Meanwhile|Assembled|BeforeAChange|Bounded|Palette|Rights|OneAppPassword' \
		-skip 'FewPasswords|HashedAtOnce|ManyGuesses|Flood|ManyAreFound' $(CROWDED)

.PHONY: test-browser
test-browser: build ui/node_modules ## unit tests of the scripts, then Playwright on Debian's Chromium with axe on every page
	.ci/need chromium
	cd ui && npm run --silent unit
	cd ui && npm run --silent browser

ui/api/node_modules: ui/api/package-lock.json
	.ci/need npm
	cd ui/api && npm ci --no-audit --no-fund
	touch ui/api/node_modules

.PHONY: test-api
test-api: build ui/api/node_modules ## the API's description under a public linter, and a client generated from it at work
	cd ui/api && RUNES_BINARY=$(CURDIR)/bin/runes npm run --silent check

# The browser waits more than it computes, so the race detector works in its pauses.
.PHONY: test-browser-race
test-browser-race:
	$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target test-browser test-race

.PHONY: test
test: lint test-go test-api test-browser-race ## everything

.PHONY: rune
rune: ## a new module that works at once: make rune NAME=tickets NOUN=ticket
	go run ./cmd/newrune -noun '$(NOUN)' '$(NAME)'
	$(GOFUMPT) -w runes/$(NAME) cmd/runes/installed.go
	go test ./cmd/runes -run SiteMap -update

.PHONY: bench
bench: build ui/node_modules ## the promised figures, measured beside Apache and a bare file server; palette and page switches in Chromium
	.ci/need apache2 htpasswd nextcloudcmd chromium
	go run ./cmd/bench -runes bin/runes
	cd ui && npm run --silent speed

.PHONY: package
package: ## deb, rpm and container images under dist/
	for arch in amd64 arm64; do GOARCH=$$arch $(BUILD) -o bin/runes-linux-$$arch ./cmd/runes; done
	cd packaging && go run . -version $(VERSION) -out ../dist
	@if [ "$$(id -u)" = 0 ] && command -v systemd-analyze >/dev/null; then packaging/prove; fi
