# SPDX-License-Identifier: GPL-2.0
#
# amfs: what there is to do here; "make help" lists it. The module itself is
# described in Kbuild and built by scripts/mkmodule.

# The kernel to build the module for: a name that scripts/mkkernel knows.
KERNEL ?= 6.1

PREFIX ?= /usr
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
SYSTEMD_UNIT_DIR ?= /lib/systemd/system
DKMS_SOURCE_DIR ?= /usr/src
DESTDIR ?=

VERSION := $(shell sed -n 's/^[Vv]ersion *[=:] *//p' META 2>/dev/null)

CFLAGS ?= -O2 -g
OUR_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude/uapi -pthread -MMD -MP
OUR_CFLAGS += $(if $(VERSION),-DAMFS_RELEASE='"$(VERSION)"')
SAN_CFLAGS := -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined

DAEMON_LIBS := -lmount -lsystemd -lcap -pthread
CTL_LIBS := -ljson-c -lmount -lcap

DAEMON_SRC := $(wildcard src/daemon/*.c)
CTL_SRC := $(wildcard src/ctl/*.c)
objects = $(patsubst src/%.c,build/$(2)obj/%.o,$(1))

# A part of which there is no main yet has nothing to link.
PROGRAMS := $(if $(wildcard src/daemon/main.c),amfsd) $(if $(wildcard src/ctl/main.c),amfsctl)
ABSENT := $(filter-out $(PROGRAMS),amfsd amfsctl)

MAN_PAGES := $(wildcard Documentation/man/*.[158])
MODULE_SOURCES := $(wildcard META Kbuild Makefile dkms.conf include src/kernel scripts/probe)

.PHONY: all modules daemon check kunit test coverage stress fuzz fuzz-device bench bench-quick demo install uninstall clean help asan
.DEFAULT_GOAL := all

all: modules daemon

help:
	@echo 'make all        the module and the programs (default)'
	@echo 'make modules    amfs.ko for KERNEL=6.1, 6.12, 7.2 or debug, in build/mod/KERNEL'
	@echo 'make daemon     build/amfsd and build/amfsctl'
	@echo 'make check      static checks of everything'
	@echo 'make kunit      the KUnit tests, in a guest with the debug kernel'
	@echo 'make test       all tests; the last line says how many passed'
	@echo '                (KERNELS=all: all cases on every kernel, or on those named)'
	@echo 'make stress     everything at once for T=60 seconds, in a guest with'
	@echo '                KERNEL=6.1 and SMP=2 processors; SEED=... does the same again'
	@echo 'make fuzz       ten minutes of the map parser and the pure core, with'
	@echo '                sanitizers; what is found is kept in tests/fuzz/corpus'
	@echo 'make fuzz-device  a million calls of all that amfs offers, in a guest with the'
	@echo '                debug kernel (CALLS=, SEED=, FUZZ_KERNEL=)'
	@echo 'make coverage   which lines of the module the tests run; fails when too few'
	@echo 'make bench      amfs, autofs and neither side by side, in guests'
	@echo 'make bench-quick  a part of it, two minutes'
	@echo 'make demo       show amfs at work in a guest'
	@echo 'make install    install all of it (DESTDIR, PREFIX)'
	@echo 'make uninstall  take away what install put there'
	@echo 'make clean      remove build/ (kernels in the cache stay)'

modules:
	@scripts/mkmodule $(KERNEL)

daemon: $(addprefix build/,$(PROGRAMS))
	@$(if $(ABSENT),echo 'no sources yet for: $(ABSENT)',:)

asan: $(addprefix build/asan/,$(PROGRAMS))

build/amfsd: $(call objects,$(DAEMON_SRC),)
	@echo '  LD      $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DAEMON_LIBS)

build/amfsctl: $(call objects,$(CTL_SRC),)
	@echo '  LD      $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

build/asan/amfsd: $(call objects,$(DAEMON_SRC),asan/)
	@echo '  LD      $@'
	@$(CC) -g $(SAN_CFLAGS) -o $@ $^ $(DAEMON_LIBS)

build/asan/amfsctl: $(call objects,$(CTL_SRC),asan/)
	@echo '  LD      $@'
	@$(CC) -g $(SAN_CFLAGS) -o $@ $^ $(CTL_LIBS)

build/obj/%.o: src/%.c Makefile $(wildcard META)
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

build/asan/obj/%.o: src/%.c Makefile $(wildcard META)
	@mkdir -p $(@D)
	@echo '  CC      $< (sanitized)'
	@$(CC) $(OUR_CFLAGS) $(CPPFLAGS) -g $(SAN_CFLAGS) -c -o $@ $<

# Programs that test cases are, or call: one source each.
CASES := $(patsubst tests/cases/%.c,build/cases/%,$(wildcard tests/cases/*.c))
HELPERS := $(patsubst tests/helpers/%.c,build/helpers/%,$(wildcard tests/helpers/*.c))

.PHONY: cases
cases: $(CASES) $(HELPERS) asan

$(CASES) $(HELPERS): build/%: tests/%.c Makefile
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) -o $@ $<

# The storm, in parts.
STRESS := build/stress/storm
cases: $(STRESS)

$(STRESS): $(wildcard tests/stress/*.[ch]) include/uapi/linux/amfs.h Makefile
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(CC) $(filter-out -MMD -MP,$(OUR_CFLAGS)) $(CPPFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^)

# The fuzzer of the device.
cases: build/fuzz/device

build/fuzz/device: $(wildcard tests/fuzz/device/*.[ch]) include/uapi/linux/amfs.h Makefile
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(CC) $(filter-out -MMD -MP,$(OUR_CFLAGS)) $(CPPFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^)

# Static, so that a guest can have all of it in memory.
.PHONY: bench-program
bench-program: build/bench/bench

build/bench/bench: $(wildcard tests/bench/*.[ch]) include/uapi/linux/amfs.h Makefile
	@mkdir -p $(@D)
	@echo '  CC      $@'
	@$(CC) $(filter-out -MMD -MP,$(OUR_CFLAGS)) $(CPPFLAGS) $(CFLAGS) -static -o $@ $(filter %.c,$^)

-include $(addsuffix .d,$(CASES) $(HELPERS))

-include $(patsubst %.o,%.d,$(call objects,$(DAEMON_SRC) $(CTL_SRC),))
-include $(patsubst %.o,%.d,$(call objects,$(DAEMON_SRC) $(CTL_SRC),asan/))

check:
	@scripts/check

kunit:
	@scripts/kunit

test:
	@tests/all

# The limit is for what comes after the storm, too: in an emulated debug kernel that
# takes minutes.
T ?= 60
SMP ?= 2
SEED ?=
stress:
	@scripts/vm --kernel $(KERNEL) --smp $(SMP) --timeout $$(($(T) + 1200)) \
		$(if $(filter debug gcov,$(KERNEL)),--leaks) -- \
		env STORM_SECONDS=$(T) STORM_SEED=$(SEED) tests/cases/storm

fuzz:
	@tests/fuzz/run --search $(or $(SECONDS),600)

# With coverage where the kernel has KCOV.
FUZZ_KERNEL ?= debug
CALLS ?= 1000000
fuzz-device:
	@$(if $(filter debug,$(FUZZ_KERNEL)),MODULE_MAKEFLAGS=KCOV_INSTRUMENT=y) \
		scripts/vm --kernel $(FUZZ_KERNEL) --timeout 14400 \
		$(if $(filter debug,$(FUZZ_KERNEL)),--leaks) -- \
		build/fuzz/device -n $(CALLS) $(if $(SEED),-s $(SEED))

coverage:
	@tests/coverage/run

bench:
	@tests/bench/run

bench-quick:
	@tests/bench/run --quick --mode I

demo:
	@scripts/demo

# The module is installed as source, for dkms to build it anew for each kernel.
install: daemon
	$(foreach p,$(PROGRAMS),install -D -m 755 build/$(p) $(DESTDIR)$(SBINDIR)/$(p)$(newline))
	$(foreach m,$(MAN_PAGES),install -D -m 644 $(m) $(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m))$(newline))
	$(if $(wildcard include/uapi/linux/amfs.h),install -D -m 644 include/uapi/linux/amfs.h $(DESTDIR)$(INCLUDEDIR)/linux/amfs.h)
	$(if $(wildcard dist/amfsd.service),install -D -m 644 dist/amfsd.service $(DESTDIR)$(SYSTEMD_UNIT_DIR)/amfsd.service)
	mkdir -p $(DESTDIR)$(DKMS_SOURCE_DIR)/amfs-$(VERSION)
	cp -R --parents $(MODULE_SOURCES) $(DESTDIR)$(DKMS_SOURCE_DIR)/amfs-$(VERSION)/

uninstall:
	rm -f $(foreach p,amfsd amfsctl,$(DESTDIR)$(SBINDIR)/$(p))
	rm -f $(foreach m,$(MAN_PAGES),$(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m)))
	rm -f $(DESTDIR)$(INCLUDEDIR)/linux/amfs.h $(DESTDIR)$(SYSTEMD_UNIT_DIR)/amfsd.service
	rm -rf $(DESTDIR)$(DKMS_SOURCE_DIR)/amfs-$(VERSION)

clean:
	rm -rf build

define newline


endef
