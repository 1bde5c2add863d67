# tinyx: GNU make, no configure step. `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
VERSION := 0.1.0
# Each command in full with V=1.
Q := $(if $(V),,@)

PKGS := glib-2.0 gio-2.0 gio-unix-2.0 json-glib-1.0 libarchive
# Warnings are errors in development; WERROR= turns that off.
WERROR ?= -Werror
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wformat=2 -Wno-format-nonliteral -Wvla $(WERROR)
# Asked once, and only when something is compiled: pkg-config may have to be installed first.
pkg_flags = $(if $(PKG_$(1)),,$(eval PKG_$(1) := $(shell pkg-config --$(1) $(PKGS) || echo -pkg-config-failed)))$(PKG_$(1))
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Itinyx $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(call pkg_flags,cflags) \
	-DTINYX_VERSION='"$(VERSION)"' -DTINYX_PREFIX='"$(PREFIX)"'
LIBS = $(call pkg_flags,libs) -lm

# tinyx-agent is a program of its own, static and without GLib: it runs on other machines.
AGENT_SRC := $(wildcard tinyx/agent/*.c)
# So is tinyx-confine, in which foreign code runs; the agent has its parts.
CONFINE_PARTS := $(addprefix tinyx/confine/,users.c mounts.c rights.c keep.c)
FILTER := $(BUILD)/gen/confine/filter.h
# A plugin of QEMU, which counts a guest's instructions.
COUNT := $(BUILD)/tinyx-count.so
LIB_SRC := $(filter-out $(AGENT_SRC) tinyx/confine/%,$(wildcard tinyx/*/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
UNIT_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c))
# Drivers of real work (a kernel build, an installation) for the scripts in tests/slow.
REAL_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/real/*.c))
FUZZ_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
# Built of sources that are gone: scripts/run-tests runs what it finds there.
STALE_BIN := $(filter-out $(UNIT_BIN) $(REAL_BIN) $(FUZZ_BIN),$(wildcard $(BUILD)/tests/*/*))
C_FILES := $(wildcard tinyx/*.c tinyx/*/*.[ch] tinyx/agent/plugin/*.c tests/unit/*.[ch] tests/fuzz/*.[ch] tests/real/*.c tests/hostile/*.c tests/escapes/*.c tests/clock/*.c recipes/*/*.c tests/reports/*/*.c)
SHELL_FILES := $(shell grep -lE '^\#!/bin/(ba)?sh' scripts/* scripts/dom0/* rootfs/glue/* .ci/run 2>/dev/null) \
	$(wildcard recipes/*/*.sh recipes/*/*/make compare/*.sh tests/*.sh tests/*/*.sh tests/reports/*/*.sh)
# What goes into images, or into the key of a recipe's journal (its test), stays byte for byte as it is.
SHFMT_FILES := $(filter-out rootfs/glue/% $(wildcard recipes/*/*.sh),$(SHELL_FILES))
DATA := recipes kconfig-heuristics rootfs compare
# Scripts that tinyx itself runs, or names in a message; the others are for those who change it.
DATA_SCRIPTS := $(addprefix scripts/,dom0 make-disk overlay-install setup trace-run try-out vif)

# Below PREFIX/share: for bash, zsh, fish, where each looks by itself.
COMPLETIONS := bash-completion/completions/tinyx zsh/site-functions/_tinyx fish/vendor_completions.d/tinyx.fish

# What recipes name in files= and is made from source.
RECIPE_FILES := recipes/static/server

all: $(BUILD)/tinyx $(BUILD)/tinyx-agent $(BUILD)/tinyx-confine $(COUNT) $(RECIPE_FILES)

help:
	@echo 'make              build/tinyx'
	@echo 'make demo         install what is missing, build nginx, boot it under Xen, fetch a page'
	@echo 'make check        install what is missing, all tests (kernel build and Xen boots: up to 45 minutes)'
	@echo 'make check-recipes  every recipe built and tested (TINYX_PLATFORM=NAME: there): hours with empty caches; it resumes'
	@echo 'make check-fast   the tests that need no root, no network and no Xen: under a minute'
	@echo 'make fuzz         the fuzz entries with libFuzzer and sanitizers: FUZZ_SECONDS=20 or FUZZ_RUNS=N each; FUZZ="elf unit": these'
	@echo 'make crash        kill -9 at 50 random points, the embedded host among them (CRASH_SEED=N repeats one): half an hour'
	@echo 'make lint         clang-format, cppcheck, shellcheck, shfmt, layers, exports'
	@echo 'make bench        the figures: sizes, times, ratios'
	@echo 'make bench-platforms  nginx on every platform: kernel, memory, instructions, seconds (BENCH_OPTIONS=--write: docs/platforms.md)'
	@echo 'make bench-minimize  the figures of tinyx minimize: up to an hour (BENCH_OPTIONS=--compare: more)'
	@echo 'make options      docs/options.md and docs/options.html, from the locks of the recipes'
	@echo 'make deb          a Debian package, in $(BUILD)/deb'
	@echo 'make install      PREFIX=$(PREFIX) DESTDIR='
	@echo 'make clean        remove $(BUILD)/ (the cache stays: see README.md)'

$(BUILD)/tinyx: $(BUILD)/obj/tinyx/main.o $(BUILD)/libtinyx.a
	@echo '  LINK $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libtinyx.a: $(LIB_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

# Static, and small with musl; any C library will do.
recipes/static/server: recipes/static/server.c
	@echo '  CC   $@'
	$(Q)if command -v musl-gcc >/dev/null; then cc=musl-gcc; else cc='$(CC)'; fi; \
	$$cc -std=gnu11 -Os -s -static -Wall -Wextra -ffile-prefix-map=$(CURDIR)=. -o $@.new $< && mv $@.new $@

# With musl small; any C library will do. The kernel's headers are the machine's.
static_program = @echo '  CC   $@'; \
	if command -v musl-gcc >/dev/null; then \
		cc="musl-gcc -idirafter /usr/include -idirafter /usr/include/$$($(CC) -print-multiarch)"; \
	else cc='$(CC)'; fi; \
	$$cc -std=c11 -D_GNU_SOURCE -Itinyx -I$(BUILD)/gen $(WARNINGS) -Os -s -static -ffile-prefix-map=$(CURDIR)=. \
		-o $@.new $(filter %.c,$^) && mv $@.new $@

$(BUILD)/tinyx-agent: $(AGENT_SRC) $(CONFINE_PARTS) $(wildcard tinyx/agent/*.h) tinyx/confine/confine.h $(FILTER) tinyx/agent/words.def $(BUILD)/flags
	$(static_program)

$(BUILD)/tinyx-confine: tinyx/confine/main.c tinyx/confine/group.c tinyx/confine/nodes.c $(CONFINE_PARTS) $(wildcard tinyx/confine/*.h) $(FILTER) $(BUILD)/flags
	$(static_program)

# The filter of system calls is made here, so that what confines needs no library where it runs.
$(FILTER): tinyx/confine/filter-make.c tinyx/confine/calls.allowed
	@mkdir -p $(@D)
	@echo '  GEN  $@'
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -o $(BUILD)/gen/filter-make $< -lseccomp
	$(Q)$(BUILD)/gen/filter-make <tinyx/confine/calls.allowed >$@.new && mv $@.new $@

$(COUNT): tinyx/agent/plugin/count.c $(BUILD)/flags
	@echo '  CC   $@'
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -fPIC -fvisibility=hidden -shared -ffile-prefix-map=$(CURDIR)=. \
		-o $@.new $< && mv $@.new $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '  CC   $<'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Everything is built again when the compiler, a flag or the list of sources changed.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(LIB_SRC)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(LIB_SRC)' > $@

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/libtinyx.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

tests: $(BUILD)/tinyx $(BUILD)/tinyx-agent $(BUILD)/tinyx-confine $(COUNT) $(RECIPE_FILES) $(UNIT_BIN) $(FUZZ_BIN) $(REAL_BIN)
	$(if $(STALE_BIN),$(Q)rm -f $(STALE_BIN))

setup:
	@scripts/setup

setup-tests:
	@scripts/setup --tests

setup-fuzz:
	@scripts/setup --fuzz

demo: setup
	@$(MAKE) --no-print-directory -s all
	@BUILD=$(BUILD) scripts/demo

check: setup-tests
	@$(MAKE) --no-print-directory -j$(shell nproc) tests sanitized
	@BUILD=$(BUILD) scripts/run-tests all

# The library, its unit tests and its fuzz entries once more, with sanitizers: an address or a
# behaviour that C does not define ends the program, as does a leak. In folders of their own, for
# which the whole of this file runs again.
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined
CCACHE = $(if $(shell command -v ccache),ccache )

sanitized:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)-sanitize CC='$(CCACHE)gcc' \
		CFLAGS='$(SANITIZE) -fno-sanitize-recover=all' sanitized-programs

sanitized-programs: $(BUILD)/tinyx-agent $(BUILD)/tinyx-confine $(COUNT) $(UNIT_BIN) $(FUZZ_BIN)
	$(if $(STALE_BIN),$(Q)rm -f $(STALE_BIN))

# libFuzzer is clang's. Its coverage is in every object, its main() in the entries alone.
fuzz: setup-fuzz
	@$(MAKE) --no-print-directory -j$(shell nproc) fuzz-programs
	@BUILD=$(BUILD) scripts/fuzz $(FUZZ)

fuzz-programs:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz CC='$(CCACHE)clang' LDFLAGS=-fsanitize=fuzzer WERROR= \
		CFLAGS='$(SANITIZE),fuzzer-no-link -fno-sanitize-recover=all -DTINYX_LIBFUZZER -Wno-unused-variable' fuzz-entries

fuzz-entries: $(FUZZ_BIN)
	$(if $(STALE_BIN),$(Q)rm -f $(STALE_BIN))

check-recipes: setup-tests
	@$(MAKE) --no-print-directory -s -j$(shell nproc) $(if $(RECIPES),all,tests)
	@BUILD=$(BUILD) scripts/check-recipes $(if $(TINYX_PLATFORM),--platform $(TINYX_PLATFORM)) $(RECIPES)
	@$(if $(RECIPES)$(TINYX_PLATFORM),,TINYX_ALL_RECIPES=yes BUILD=$(BUILD) scripts/run-tests \
		tests/slow/23-journals.sh tests/slow/30-draft.sh tests/slow/54-use-cases.sh tests/slow/54-compare.sh)

check-fast:
	@$(MAKE) --no-print-directory -j$(shell nproc) tests
	@BUILD=$(BUILD) scripts/run-tests fast

# tests/slow/33-crash.sh, with more points than make check has time for.
crash: setup
	@$(MAKE) --no-print-directory -s -j$(shell nproc) tests
	@BUILD=$(BUILD) TINYX_CRASH_ROUNDS=$(or $(CRASH_ROUNDS),50) TINYX_CRASH_SEED=$(CRASH_SEED) TINYX_CRASH_HOST=yes scripts/run-tests -v tests/slow/33-crash.sh

# The Debian package, judged by lintian.
deb: setup-tests
	@BUILD=$(BUILD) scripts/deb

bench: all
	@BUILD=$(BUILD) scripts/bench

# Which options which applications need; tests/cmd/options.sh looks whether they are up to date.
options: all
	@for form in markdown:md html:html; do \
		$(BUILD)/tinyx explain --matrix --as $${form%:*} >docs/options.new && mv docs/options.new docs/options.$${form#*:} || exit 1; \
	done

bench-platforms: all
	@BUILD=$(BUILD) scripts/bench-platforms $(BENCH_OPTIONS)

bench-minimize: all
	@BUILD=$(BUILD) scripts/bench-minimize $(BENCH_OPTIONS)

# Exports are looked for in the objects.
lint: tests
	@echo '  clang-format'; clang-format --dry-run -Werror $(C_FILES)
	@echo '  cppcheck'; cppcheck --quiet -j $(shell nproc) --error-exitcode=1 --std=c11 --enable=warning,portability \
		--inline-suppr --library=gtk '-DG_DEFINE_AUTOPTR_CLEANUP_FUNC(a,b)=' \
		'-DG_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(a,b)=' '-DG_GNUC_PRINTF(a,b)=' --suppressions-list=tests/cppcheck.suppress -Itinyx tinyx
	@echo '  shellcheck'; shellcheck $(SHELL_FILES)
	@echo '  shfmt'; shfmt -d $(SHFMT_FILES)
	@echo '  layers'; scripts/check-layers
	@echo '  openers'; awk 'FNR == 1 && !/^\/\* [^ ]+\.[ch] - / { \
		print FILENAME ": expected \"/* NAME - what it is */\" in its first line"; bad = 1 } END { exit bad }' $(C_FILES)
	@echo '  exports'; BUILD=$(BUILD) scripts/check-exports
	@echo '  no unfinished words'; ! grep -nIiE '\b(TODO|FIXME|XXX)\b' $(C_FILES) $(SHELL_FILES)

# Whole folders: data that tinyx reads at run time. The owner of the files is who installs.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/tinyx \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 755 $(BUILD)/tinyx $(DESTDIR)$(PREFIX)/bin/tinyx
	cp -R $(DATA) $(DESTDIR)$(PREFIX)/share/tinyx/
	install -d $(DESTDIR)$(PREFIX)/share/tinyx/scripts
	cp -R $(DATA_SCRIPTS) $(DESTDIR)$(PREFIX)/share/tinyx/scripts/
	install -d $(DESTDIR)$(PREFIX)/libexec/tinyx
	install -m 755 $(BUILD)/tinyx-agent $(BUILD)/tinyx-confine $(DESTDIR)$(PREFIX)/libexec/tinyx/
	install -m 644 $(COUNT) $(DESTDIR)$(PREFIX)/libexec/tinyx/
	install -m 644 docs/tinyx.1 $(DESTDIR)$(PREFIX)/share/man/man1/tinyx.1
	install -m 644 docs/tinyx-recipe.5 $(DESTDIR)$(PREFIX)/share/man/man5/tinyx-recipe.5
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(COMPLETIONS)))
	BUILD=$(BUILD) scripts/completion bash >$(DESTDIR)$(PREFIX)/share/$(word 1,$(COMPLETIONS))
	BUILD=$(BUILD) scripts/completion zsh >$(DESTDIR)$(PREFIX)/share/$(word 2,$(COMPLETIONS))
	BUILD=$(BUILD) scripts/completion fish >$(DESTDIR)$(PREFIX)/share/$(word 3,$(COMPLETIONS))

uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/bin/tinyx $(DESTDIR)$(PREFIX)/libexec/tinyx $(DESTDIR)$(PREFIX)/share/tinyx \
		$(DESTDIR)$(PREFIX)/share/man/man1/tinyx.1 $(DESTDIR)$(PREFIX)/share/man/man5/tinyx-recipe.5 \
		$(addprefix $(DESTDIR)$(PREFIX)/share/,$(COMPLETIONS))

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-fuzz $(RECIPE_FILES)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all help crash tests setup setup-tests setup-fuzz sanitized sanitized-programs fuzz fuzz-programs fuzz-entries demo check check-fast check-recipes bench bench-platforms bench-minimize options lint deb install uninstall clean FORCE
.SECONDARY:
