# Every target installs what it needs and does not find, and then does its work.

SWIFT ?= swift

# What the Swift toolchain itself needs to start.
SWIFT_PACKAGES := libcurl4 libncurses6 libsqlite3-0 libxml2
# What Debian must have: for the offline tool, for the relay besides, for the tests besides.
OFFLINE_PACKAGES := binutils libc6-dev libgcrypt20-dev libqrencode-dev libseccomp-dev libsecp256k1-dev libstdc++-12-dev
RELAY_PACKAGES := libcurl4-openssl-dev libmicrohttpd-dev libpq-dev libsqlite3-dev
TEST_PACKAGES := chromium chromium-driver curl fish fonts-dejavu-core gcc gdb man-db mandoc openssl postgresql python3 \
	python3-venv spin strace valgrind zbar-tools zsh
# What is measured beside ours, where it can be.
PEER_PACKAGES := gcc librust-hex-dev librust-serde-json-dev librust-sha3-dev librust-tiny-keccak-dev libssl3 python3-venv
# To make packages of both tools, and to try those.
RELEASE_PACKAGES := dpkg-dev lintian python3
CHECK_PACKAGES := debootstrap
# To compile for arm64, and to run that.
ARM64_PACKAGES := gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
# To draw the layers.
PICTURE_PACKAGES := graphviz python3

# A release carries Swift's runtime, and the C++ under it, looks for no library beside itself, and binds all symbols
# before it runs. What the compiler would put in to know its own objects again is not the same twice. Generic types are
# named by functions, not by text that the runtime would parse at every start.
RELEASE := --configuration release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now -Xlinker -s \
	-Xlinker -L$(CURDIR)/.build/static -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen \
	-Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors
# What the linker reads is kept for the list of what a binary is made of.
LINKED = -Xlinker --dependency-file=$(CURDIR)/.build/$(1).linked
# Fully static, which only lld can do here, and without the QR codes, of which there is no static library. The addresses
# to be relocated before it starts, 38,000 of them, are written as a bit each, not as 24 bytes.
STATIC := --scratch-path .build/fully-static --disable-default-traits -Xswiftc -static-executable -Xswiftc -use-ld=lld \
	-Xswiftc -Xclang-linker -Xswiftc -static-pie -Xlinker -lgpg-error \
	-Xlinker --pack-dyn-relocs=relr

# valgrind does not read the debugging information of all that Swift compiles.
BENCHMARKS := --configuration release --package-path Benchmarks --scratch-path .build/benchmarks \
	--disable-build-manifest-caching -Xlinker --strip-debug

FUZZER := --package-path Tests/Fuzz --disable-build-manifest-caching

FUZZ_SECONDS ?= 30
COUNT ?= 200

VECTORS := $(wildcard $(CURDIR)/../shared/vectors)

.PHONY: help build relay static man deb release demo test faults fleet lint scale bench bench-peers bench-beside bench-check \
	bench-record counts coverage deadcode docs fuzz model picture sanitize screenshots check check-extend check-import check-package \
	check-arm64 check-reproducible clean dependencies relay-dependencies release-dependencies test-dependencies toolchain

## help   say what there is to make
help:
	@sed -n 's/^## /make /p' Makefile

## build  build the offline tool for release, as .build/release/airlock
build: dependencies
	$(SWIFT) build $(RELEASE) $(call LINKED,airlock) --product airlock
	@scripts/check-hardening .build/release/airlock

## relay  build the online tool for release, as .build/release/airlock-relay
relay: relay-dependencies
	$(SWIFT) build $(RELEASE) $(call LINKED,airlock-relay) --product airlock-relay
	@scripts/check-hardening .build/release/airlock-relay

## static  build the offline tool so that it needs no library of the system's, as .build/fully-static/release/airlock
static: dependencies
	$(SWIFT) build $(RELEASE) $(STATIC) $(call LINKED,airlock-static) --product airlock
	@scripts/check-hardening --static .build/fully-static/release/airlock

## man    write the manual pages, as .build/man/airlock.1 and .build/man/airlock-relay.1
man: build relay
	@mkdir -p .build/man
	@for tool in airlock airlock-relay; do .build/release/$$tool manual >.build/man/$$tool.1 || exit 1; done

## deb    build Debian packages of both tools, in dist
deb: build relay release-dependencies
	@scripts/package-deb .build/release dist
	@lintian --allow-root --fail-on error,warning dist/*.deb

## release  put all that is published into dist: packages, the static binary, what they are made of, and sums
release: build relay static release-dependencies
	@scripts/release .build/release .build/fully-static/release/airlock dist
	@lintian --allow-root --fail-on error,warning dist/*.deb

## demo   build, make a key, a transfer and a charge, sign both, and show the reviews and the raw transactions
demo: build
	$(SWIFT) build $(RELEASE) --product demo-charge
	@scripts/demo .build/release

## demo-live  the whole way of a payment on a chain of this machine's own: charge, prepare, sign, send, settled
demo-live: test-dependencies
	$(SWIFT) build $(RELEASE) --product airlock
	$(SWIFT) build $(RELEASE) --product airlock-relay
	@scripts/demo-live .build/release .venv/bin/python

## test   run all tests, and compile the fuzzer
test: export AIRLOCK_PYTHON := $(CURDIR)/.venv/bin/python
ifneq ($(VECTORS),)
test: export AIRLOCK_VECTORS ?= $(abspath $(VECTORS))
endif
test: test-dependencies
	$(AIRLOCK_PYTHON) -m unittest discover --quiet --start-directory Tests/Devnet
	$(SWIFT) build --build-tests
	$(SWIFT) build $(FUZZER) --scratch-path .build/fuzz-compiled --target airlock-fuzz
	$(SWIFT) test --disable-xctest --skip-build --quiet
	AIRLOCK_ALONE=1 $(SWIFT) test --disable-xctest --skip-build --quiet --filter FullDiskTests

## faults make COUNT payments (200) through a node that fails in every way, killing the relay at any moment, by SEED
faults: export AIRLOCK_PYTHON := $(CURDIR)/.venv/bin/python
faults: export AIRLOCK_FAULTS := $(COUNT)
faults: export AIRLOCK_SEED := $(SEED)
faults: test-dependencies
	$(SWIFT) build --build-tests
	$(SWIFT) test --disable-xctest --skip-build --filter EndToEnd.Faults

## fleet  have three relays share a journal in COUNT runs (3), while they are killed, stopped and cut off, from SEED on
fleet: COUNT = 3
fleet: export AIRLOCK_PYTHON := $(CURDIR)/.venv/bin/python
fleet: export AIRLOCK_FLEET = $(COUNT)
fleet: export AIRLOCK_SEED = $(SEED)
fleet: test-dependencies
	$(SWIFT) build --build-tests
	$(SWIFT) test --disable-xctest --skip-build --filter EndToEnd.Fleet

## lint   check the form of the Swift code, and that the scripts can be read
lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks Snippets
	@for script in .ci/run scripts/*; do sh -n "$$script" || exit 1; done
	@scripts/install python3
	@PYTHONPYCACHEPREFIX=.build/pycache /usr/bin/python3 -m compileall -q Tests packaging

## screenshots  make the pictures of docs/page.md: the relay's page on a desk and on a phone
screenshots: test-dependencies
	$(SWIFT) build --product airlock
	$(SWIFT) build --product airlock-relay
	@.venv/bin/python Tests/Browser .build/debug --manual --pictures docs

## scale  measure sign beside long ledgers, status and export of a million payments, and relays beside 10,000: seconds, memory
scale: build relay
	@scripts/install-python Tests/Devnet/requirements.lock .venv
	@.venv/bin/python Tests/Scale/ledgers.py .build/release/airlock --figures .build/ledgers.json
	@.venv/bin/python Tests/Scale/journals.py .build/release/airlock-relay
	@.venv/bin/python Tests/Scale/fleet.py .build/release/airlock .build/release/airlock-relay \
		--figures .build/fleet.json
	@scripts/install python3-matplotlib
	@/usr/bin/python3 -B Benchmarks/charts.py .build/ledgers.json Benchmarks/results
	@/usr/bin/python3 -B Benchmarks/charts.py .build/fleet.json Benchmarks/results

## bench  measure in release, static too, beside what is there, show a table, write .build/bench.json, draw Benchmarks/results
bench: build static
	@scripts/install python3-matplotlib
	$(SWIFT) build $(BENCHMARKS) --product airlock-benchmarks
	@scripts/bench .build/benchmarks/release/airlock-benchmarks .build/release/airlock \
		.build/fully-static/release/airlock $(ONLY)

## bench-peers  install all that can be measured beside ours, in .build/peers and from Debian, and measure
bench-peers: dependencies
	@scripts/install $(PEER_PACKAGES)
	@scripts/install-python Benchmarks/peers/requirements.lock .build/peers/venv
	@$(MAKE) --no-print-directory bench

## bench-beside  count the instructions that ours and the peers in C and Rust take for the same work, and show both
bench-beside: counts build
	@scripts/install $(PEER_PACKAGES)
	@scripts/bench-beside .build/benchmarks/release .build/release/airlock

## bench-check  build all that measures, count the codecs' instructions, and fail where one takes 5 % more than recorded
bench-check: counts
	@scripts/bench-counts .build/benchmarks/release check

## bench-record  count the instructions of the codecs, and record them
bench-record: counts
	@scripts/bench-counts .build/benchmarks/release record

## coverage  run the tests of the codecs and values alone, and say how many of their lines ran, and which did not
coverage: test-dependencies
	@scripts/coverage Keccak StrictJSON EthereumTypes RLP ABI Secp256k1 Transactions TypedData

## deadcode  list what Sources declares and nothing uses, from the compiler's index of a debug build
deadcode: test-dependencies
	$(SWIFT) build --build-tests
	@/usr/bin/python3 -B Tests/DeadCode .build/debug

## model  check the model of the relays' leases with spin
model: test-dependencies
	@scripts/check-model .build/model

## docs   make the reference of the layers with DocC, as .build/documentation
docs: relay-dependencies
	@scripts/docs .build/documentation

## picture  draw docs/layers.svg, the layers and who imports whom, from the manifest
picture: toolchain
	@scripts/install $(PICTURE_PACKAGES)
	@scripts/draw-layers docs/layers.svg $(SWIFT)

## fuzz   feed every decoder what libFuzzer makes up, FUZZ_SECONDS each (30), and keep what breaks one for the tests
fuzz: dependencies
	$(SWIFT) build $(FUZZER) --scratch-path .build/fuzz --configuration release \
		--sanitize fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
	@scripts/fuzz $(FUZZ_SECONDS)

## sanitize  run the tests of the libraries under the address and the thread sanitizer
sanitize: export AIRLOCK_PYTHON := $(CURDIR)/.venv/bin/python
sanitize: test-dependencies
	@scripts/sanitize address
	@scripts/sanitize thread

## check  everything: all the above, that two builds have the same bytes, and that they run where nothing else is
check: lint docs test deadcode model faults fleet bench-check coverage fuzz sanitize demo demo-live check-import check-extend \
	check-arm64 check-reproducible check-package

## check-import  build a package of somebody else's that imports this one, where libraries that it does not need are missing
check-import: toolchain
	@scripts/check-import .build/import $(SWIFT)

## check-arm64  compile the C targets and Keccak for arm64, run them under qemu, and compare with this machine
check-arm64: toolchain
	@scripts/install $(ARM64_PACKAGES)
	@scripts/check-arm64 .build/arm64 "$(shell command -v $(SWIFT))c"

## check-extend  apply the diffs of docs/extend.md to a copy of the tree, build it, and run the tests that they add
check-extend: test-dependencies
	@scripts/check-extend .build/extend $(SWIFT)

check-package: release
	@scripts/install $(CHECK_PACKAGES)
	$(SWIFT) build $(RELEASE) --product demo-charge
	@scripts/check-package dist .build/release

check-reproducible: release-dependencies
	@scripts/check-reproducible .build/reproducible

## clean  remove all that was built and installed inside the tree
clean:
	rm -rf .build .venv dist

counts: dependencies
	@scripts/install valgrind
	$(SWIFT) build $(BENCHMARKS)

dependencies: toolchain
	@scripts/install $(OFFLINE_PACKAGES)
	@scripts/link-static .build/static $(SWIFT)

# Before anything is installed or compiled.
toolchain:
	@scripts/check-toolchain $(SWIFT) $(SWIFT_PACKAGES)

relay-dependencies: dependencies
	@scripts/install $(RELAY_PACKAGES)

release-dependencies: relay-dependencies
	@scripts/install $(RELEASE_PACKAGES)

test-dependencies: relay-dependencies
	@scripts/install $(TEST_PACKAGES)
	@scripts/install-python Tests/Devnet/requirements.lock .venv
