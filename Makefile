# SPDX-License-Identifier: MIT
# Prism's build. Everything that is made goes below $(BUILD).
#
#   make            the prism command, the checker, both runtimes
#   make test       all of the tests that CI runs
#   make demo       installs what is missing, builds, shows the main job on real programs
#   make deps       installs the Debian packages (without root: prints the line to type)
#   make quick T=golden/values   the tests whose path below tests/ begins so
#   make install PREFIX=...      copies what was built
#   make clean      removes build/
#   make help       this list
#
# SAN=address|undefined|thread (or SAN=address,undefined) builds and tests with a sanitizer, below
# build/san-$(SAN).

CC     ?= gcc
AR     ?= ar
SAN    ?=
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
BUILD  ?= $(if $(SAN),build/san-$(SAN),build)
OPT    ?= -O2
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-overlength-strings
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer $(if $(findstring undefined,$(SAN)),-fno-sanitize-recover=all))
CFLAGS ?= -g $(OPT)
ALL_CFLAGS := -std=gnu17 $(WARN) $(CFLAGS) $(SANFLAGS) -fno-strict-aliasing -fwrapv -ffp-contract=off -I. -MMD -MP
LDFLAGS += $(SANFLAGS)

# What each product is made of; a folder's files are found, not listed.
sources = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c) $(wildcard $(d)/*/*.c) $(wildcard $(d)/*/*/*.c)))
objects = $(patsubst %.c,$(BUILD)/obj/$(2)%.o,$(1))

FRONT_SRC    := $(filter-out frontend/cli/main.c,$(call sources,frontend sim/report runtime/trace))
CHECKER_SRC  := $(filter-out checker/main.c checker/recheck/main.c,$(call sources,checker))
SHARED_SRC   := $(call sources,runtime/value runtime/actor runtime/trace runtime/test)
PARALLEL_SRC := $(call sources,runtime/parallel runtime/service)
SIM_SRC      := $(call sources,sim/engine)
STD_SRC      := $(wildcard runtime/std/*.prism)

FRONT_LIB    := $(BUILD)/lib/libprism-front.a
CHECKER_LIB  := $(BUILD)/lib/libprism-checker.a
# These two are linked with users' programs.
PARALLEL_LIB := $(BUILD)/lib/prism/libprism-parallel.a
SIM_LIB      := $(BUILD)/lib/prism/libprism-sim.a

# What programs are linked with besides the runtime.
LINK_FLAGS_FILE := $(BUILD)/lib/prism/link-flags

PROGRAMS := $(if $(wildcard frontend/cli/main.c),$(BUILD)/bin/prism) \
            $(if $(wildcard checker/main.c),$(BUILD)/libexec/prism/verify) \
            $(if $(wildcard checker/recheck/main.c),$(BUILD)/libexec/prism/recheck)
INSTALLED_HEADERS := $(patsubst runtime/%,$(BUILD)/include/prism/%,$(wildcard runtime/abi.h))
INSTALLED_PAGES := $(patsubst frontend/diag/%,$(BUILD)/share/prism/%,$(wildcard frontend/diag/catalog/*.md))
INSTALLED_NEW := $(patsubst frontend/cli/%,$(BUILD)/share/prism/%,$(wildcard frontend/cli/new/*))
INSTALLED_STD := $(patsubst runtime/std/%,$(BUILD)/share/prism/std/%,$(STD_SRC))

.PHONY: all test demo help clean tidy
all: $(PROGRAMS) $(PARALLEL_LIB) $(SIM_LIB) $(LINK_FLAGS_FILE) $(INSTALLED_HEADERS) $(INSTALLED_STD) $(INSTALLED_PAGES) $(INSTALLED_NEW)

help:
	@sed -n 's/^#   //p' Makefile

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

# The one semantics, compiled once against each scheduler's sched.h.
$(BUILD)/obj/parallel/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DPRISM_PARALLEL -Iruntime/parallel -pthread -c $< -o $@
$(BUILD)/obj/sim/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DPRISM_SIM -Isim/engine -c $< -o $@

$(FRONT_LIB): $(call objects,$(FRONT_SRC),)
$(CHECKER_LIB): $(call objects,$(CHECKER_SRC),)
$(PARALLEL_LIB): $(call objects,$(SHARED_SRC) $(PARALLEL_SRC),parallel/)
$(SIM_LIB): $(call objects,$(SHARED_SRC) $(SIM_SRC),sim/)
%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcsD $@ $^

$(BUILD)/bin/prism: $(BUILD)/obj/frontend/cli/main.o $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -lxxhash -lcbor -ljansson -lm -o $@
$(BUILD)/libexec/prism/verify: $(BUILD)/obj/checker/main.o $(CHECKER_LIB) $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -lz3 -lxxhash -lcbor -ljansson -lm -o $@
# The independent check of certificates: no solver, nothing of the checker but its own folder.
$(BUILD)/libexec/prism/recheck: $(call objects,$(call sources,checker/recheck),) $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -lxxhash -lcbor -ljansson -lm -o $@

$(LINK_FLAGS_FILE): Makefile
	@mkdir -p $(@D)
	@echo '$(SANFLAGS) -pthread -lxxhash -lcbor -lm' > $@

$(BUILD)/include/prism/%.h: runtime/%.h
	@mkdir -p $(@D)
	cp $< $@
$(BUILD)/share/prism/std/%: runtime/std/%
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/share/prism/catalog/%: frontend/diag/catalog/%
	@mkdir -p $(@D)
	cp $< $@
$(BUILD)/share/prism/new/%: frontend/cli/new/%
	@mkdir -p $(@D)
	cp $< $@

# Unit tests: a folder below tests/unit/ says what its programs are linked with.
UNIT_FRONT    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/front/*_test.c))
UNIT_CHECKER  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/checker/*_test.c))
UNIT_PARALLEL := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/parallel/*_test.c))
UNIT_SIM      := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/sim/*_test.c))
UNIT := $(UNIT_FRONT) $(UNIT_CHECKER) $(UNIT_PARALLEL) $(UNIT_SIM)
LINK = @mkdir -p $(@D); $(CC) $(ALL_CFLAGS) $(1) $< $(LDFLAGS) $(filter %.a,$^) -lcmocka -lxxhash -lcbor $(2) -lm -o $@
$(UNIT_FRONT): $(BUILD)/%: %.c $(FRONT_LIB)
	$(call LINK,,-ljansson)
$(UNIT_CHECKER): $(BUILD)/%: %.c $(CHECKER_LIB) $(FRONT_LIB)
	$(call LINK,,-lz3 -ljansson)
$(UNIT_PARALLEL): $(BUILD)/%: %.c $(PARALLEL_LIB)
	$(call LINK,-DPRISM_PARALLEL -Iruntime/parallel -pthread,)
$(UNIT_SIM): $(BUILD)/%: %.c $(SIM_LIB)
	$(call LINK,-DPRISM_SIM -Isim/engine,)

# The text form of MIR to C, for tests/emit.
$(BUILD)/tests/mirc: tests/emit/mirc.c $(FRONT_LIB)
	$(call LINK,,-ljansson)

# Damages traces so that their checksum is right, for tests/replay.
$(BUILD)/tests/seal: tests/replay/seal.c
	$(call LINK,,)

# Looks into JSON, for tests/verify.
$(BUILD)/tests/json: tests/verify/json.c
	$(call LINK,,-ljansson)

# Fuzz targets: programs that read files, or with CC=clang SAN=fuzzer-no-link,address,undefined
# targets of libFuzzer.
FUZZ := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_MAIN := $(if $(findstring fuzzer,$(SAN)),-fsanitize=fuzzer,tests/fuzz/main.c)
$(FUZZ): $(BUILD)/%: %.c tests/fuzz/main.c $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(FUZZ_MAIN) $< $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) -lxxhash -lcbor -ljansson -lm -o $@
$(BUILD)/tests/fuzz/json_fuzz $(BUILD)/tests/fuzz/cbor_fuzz: $(call objects,$(call sources,runtime/value),)
$(BUILD)/tests/fuzz/cert_fuzz: $(call objects,$(filter-out %/main.c,$(call sources,checker/recheck)),)

# Core MIR run directly: the second semantics that the runtimes are compared with.
MIR_INTERP := $(BUILD)/tests/mir-interp
$(MIR_INTERP): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/differential/interp/*.c)) $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -pthread $^ $(LDFLAGS) -lxxhash -lm -o $@

# Small random programs of MIR, for comparing explorers.
MIR_GEN := $(BUILD)/tests/mir-gen
$(MIR_GEN): tests/differential/gen/gen.c $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $^ $(LDFLAGS) -lxxhash -lm -o $@

# Random programs in Prism.
SOURCE_GEN := $(BUILD)/tests/source-gen
$(SOURCE_GEN): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/sources/gen/*.c)) $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $^ $(LDFLAGS) -lxxhash -lm -o $@

# Programs with slips in them.
SOURCE_MUTATE := $(BUILD)/tests/source-mutate
$(SOURCE_MUTATE): tests/sources/mutate/mutate.c $(FRONT_LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $^ $(LDFLAGS) -lxxhash -lm -o $@

# libFuzzer over each target, FUZZ_SECONDS each, from the files at hand; needs clang. What it finds stays
# in build/fuzz/.
FUZZ_SECONDS ?= 60
.PHONY: fuzz-ci
fuzz-ci: all
	@$(MAKE) -s fuzz BUILD=build/fuzz/lib CC=clang SAN=fuzzer-no-link,address,undefined
	@BUILD=$(BUILD) FUZZERS=build/fuzz/lib/tests/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/long.sh

# All tests with sanitizers, one after the other; the programs that Prism compiles are sanitized as well.
# SANITIZERS=thread chooses; tests/sanitize.sh takes tests, too. Takes an hour or so.
SANITIZERS ?= address,undefined thread
.PHONY: test-sanitize
test-sanitize:
	@for san in $(SANITIZERS); do echo "== $$san"; JOBS=$(JOBS) tests/sanitize.sh $$san all || exit 1; done

# The long versions of what tests/run does a little of.
.PHONY: agreement-campaign replay-campaign schedules-campaign sources-campaign wrong-campaign explore-campaign stress-campaign
stress-campaign: all
	@STRESS=long ROUNDS=$(or $(ROUNDS),5) BUILD=$(BUILD) PRISM_TEST_SECONDS=7200 STRESS_SECONDS=600 tests/run stress
sources-campaign: all unit-programs
	@PRISM=$(abspath $(BUILD)/bin/prism) BUILD=$(BUILD) tests/sources/judge $(or $(FROM),1) $(or $(TO),3000)
wrong-campaign: all unit-programs
	@PRISM=$(abspath $(BUILD)/bin/prism) BUILD=$(BUILD) tests/sources/wrong $(or $(FROM),1) $(or $(TO),1000)
explore-campaign: $(BUILD)/tests/unit/sim/explore_test
	@EXPLORED=2500 $<
agreement-campaign: all unit-programs
	@PRISM_TEST_LONG=1 BUILD=$(BUILD) PRISM_TEST_SECONDS=3600 tests/run agreement
replay-campaign: all unit-programs
	@REPLAYS=1000 BUILD=$(BUILD) PRISM_TEST_SECONDS=3600 tests/run replay
schedules-campaign: all
	@SCHEDULES=100000 BUILD=$(BUILD) PRISM_TEST_SECONDS=3600 tests/run schedules

.PHONY: unit-programs quick deps install fuzz
fuzz: $(FUZZ)
unit-programs: $(UNIT) $(FUZZ) $(BUILD)/tests/mirc $(BUILD)/tests/seal $(BUILD)/tests/json $(MIR_INTERP) $(MIR_GEN) $(SOURCE_GEN) $(SOURCE_MUTATE)
test: all unit-programs
	@BUILD=$(BUILD) JOBS=$(JOBS) tests/run
quick: all unit-programs
	@BUILD=$(BUILD) JOBS=$(JOBS) tests/run $(T)

# Speed side by side with the peers that this machine has the tools for (Go, Erlang, hand-written C), in
# one interleaved run; prism1 is Prism on one worker. BENCH="ask pingpong" chooses, REPS is how often each
# runs, ONLY="prism go" takes some peers only.
BENCH ?= $(sort $(basename $(notdir $(wildcard tests/bench/runtime/*.prism))))
REPS  ?= 3
.PHONY: bench bench-code bench-peer bench-explore bench-bugs bench-check
bench-explore: all
	@PRISM=$(abspath $(BUILD)/bin/prism) tests/bench/explore/run.sh
bench-bugs: all
	@PRISM=$(abspath $(BUILD)/bin/prism) tests/bench/bugs/run.sh
bench-check: all
	@PRISM=$(abspath $(BUILD)/bin/prism) tests/bench/check/run.sh
bench-code: all
	@PRISM=$(abspath $(BUILD)/bin/prism) tests/bench/code/run.sh
# corpus/programs/wordcount on a generated text of MEGABYTES, held to tr | sort | uniq -c, then measured.
.PHONY: bench-wordcount
bench-wordcount: all
	@PRISM=$(abspath $(BUILD)/bin/prism) WORK=$(abspath $(BUILD)/bench/wordcount) tests/bench/wordcount/run.sh
bench-peer: $(BUILD)/bench/peer-prism
$(BUILD)/bench/peer-prism: tests/bench/peer-prism.c all
	@mkdir -p $(@D)
	$(CC) -std=gnu17 $(WARN) $(CFLAGS) -static -DPRISM='"$(abspath $(BUILD)/bin/prism)"' -DCOMPILED='"$(abspath $(@D))/compiled"' \
	  -DPROGRAMS='"$(abspath tests/bench/runtime)"' $< -o $@
bench: bench-peer
	@BUILD=$(abspath $(BUILD)/bench) REPS=$(REPS) tests/bench/peers/run.sh $(BENCH)

deps:
	@.ci/deps
demo:
	@.ci/deps
	@$(MAKE) -s -j$$(nproc) all
	@BUILD=$(BUILD) tests/demo

install: all
	mkdir -p $(DESTDIR)$(PREFIX)
	cp -R $(wildcard $(addprefix $(BUILD)/,bin lib libexec include share)) $(DESTDIR)$(PREFIX)

clean:
	rm -rf build

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
