# What can be done here. `make` alone lists it; each target works on a fresh Debian 12 with Swift 6.3.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where `make run` keeps its data and listens; for example `make run HTTP=127.0.0.1:9000`.
DATA ?= maildex-data
HTTP ?= 127.0.0.1:8080
SMTP ?= 127.0.0.1:2525

# How long one fuzz target runs, in seconds: short in `make check`, as long as you like by hand.
FUZZ_SECONDS ?= 60

# How many random operations `make random` runs at least.
OPERATIONS ?= 100000

# Mails in the mailboxes of `make bench`.
MAILS ?= 10000 100000 1000000

# What holds Swift code. `bench` is a package of its own.
SWIFT_CODE = Package.swift Sources Tests Analyzers bench

# The rooms where threads meet: journal, packs, queue, and the one write door over them and the index; of the index alone the
# tests that have more than one thread.
THREAD_TESTS = "IndexTests:evicted at once" MailStoreTests MailboxesTests

.PHONY: help
help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: setup ## build, load the sample mailbox, serve HTTP on 8080 and SMTP on 2525
	swift build -c release --product maildex
	@.ci/serve-sample "$(DATA)" "$(HTTP)" "$(SMTP)"

.PHONY: build
build: setup ## build the release binary, .build/release/maildex
	swift build -c release --product maildex

.PHONY: test
test: setup-tests ## build without warnings and run every test
	.ci/timed .ci/build-without-warnings --build-tests
	.ci/timed .ci/test

.PHONY: check
check: setup-tests ## the slower checks: lint, sanitizers, fuzzing, sample mailbox, smoke runs
	@mkdir -p .build && date +%s >.build/check-started
	.ci/timed $(MAKE) lint mailbox-check dictionary-check
	.ci/timed $(MAKE) sanitize
	.ci/timed $(MAKE) fuzz FUZZ_SECONDS=10
	.ci/timed $(MAKE) smoke
	.ci/timed $(MAKE) peers
	.ci/timed .ci/bench --smoke
	@# Building the bench takes minutes, which a slow machine's CI does not have; the counts are the same on a faster one.
	@if [ $$(($$(date +%s) - $$(cat .build/check-started))) -lt 2100 ]; then $(MAKE) instructions; \
	else echo "instructions: NOT compared: the other checks took over 35 minutes here; make instructions does it"; fi

.PHONY: lint
lint: ## say where the code differs from .swift-format
	swift format lint --strict --parallel --recursive $(wildcard $(SWIFT_CODE))

.PHONY: format
format: ## lay the code out as .swift-format says
	swift format --in-place --parallel --recursive $(wildcard $(SWIFT_CODE))

.PHONY: sanitize
sanitize: setup-tests ## tests of parsers and engine under the address sanitizer, of shared state under the thread sanitizer
	.ci/fuzz --tests
	.ci/sanitize $(THREAD_TESTS)

.PHONY: fuzz
fuzz: setup-tests ## fuzz each target of Tests/Fuzz for FUZZ_SECONDS (60)
	.ci/fuzz $(FUZZ_SECONDS)

.PHONY: smoke
smoke: setup-tests build ## follow the README with the release binary: serve, send, search, reindex, kill -9
	.ci/smoke .build/release/maildex

.PHONY: peers
peers: setup-tests build ## put the release binary behind Postfix as docs/postfix.md says, and send it mail (by sudo)
	if [ "$$(id -u)" = 0 ]; then .ci/peers .build/release/maildex; else sudo -E .ci/peers .build/release/maildex; fi

.PHONY: instructions
instructions: setup-tests ## count instructions of searches and of inverting, against bench/instructions.json
	ln -sfn .. bench/Product
	.ci/build-without-warnings --package-path bench -c release --product maildex-bench
	.ci/instructions bench/.build/release/maildex-bench

.PHONY: random
random: setup-tests ## compare the index with a naive scan under so many random OPERATIONS (100000)
	.ci/random $(OPERATIONS)

.PHONY: bench
bench: setup-tests build ## measure the release binary and its peers, and write bench/RESULTS.md (MAILS: sizes of mailboxes)
	.ci/bench $(MAILS)

.PHONY: mailbox
mailbox: setup-tests ## write the sample mailbox and the golden one of Fixtures again
	python3 Fixtures/Mailbox/generate.py
	python3 Fixtures/Golden/generate.py

.PHONY: mailbox-check
mailbox-check: setup-tests ## sample and golden mailbox are what their generators write, and the sample's README counts right
	python3 Fixtures/Mailbox/generate.py --check
	python3 Fixtures/Golden/generate.py --check
	python3 Fixtures/Mailbox/count.py --check

.PHONY: dictionary-check
dictionary-check: setup-tests ## the dictionary of Sources/Dictionaries is what its script trains (with the zstd it was made with)
	python3 Sources/Dictionaries/train.py --check

.PHONY: setup
setup: ## install the system packages that building needs (Debian, apt)
	@.ci/setup build

.PHONY: setup-tests
setup-tests: setup
	@.ci/setup tests

.PHONY: clean
clean: ## remove what was built (the data directory of `make run` stays)
	rm -rf .build bench/.build
