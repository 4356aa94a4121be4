# SPDX-License-Identifier: GPL-2.0-only
#
# mbx: the module, the library, the tool and their tests. "make help" lists what
# can be made. Kbuild holds what the kernel's build system needs to know.

# Without make's own rules: scripts stand beside sources of the same name.
.SUFFIXES:

O ?= build
PREFIX ?= /usr/local
DESTDIR ?=

override O := $(abspath $(O))
# The scripts look here for what is built.
export MBX_O := $(O)

VM := selftests/vm
DEPS := tools/setup/deps
# The module is for the running kernel unless another is named, a guest runs 6.12.
MODULE_KERNEL := $(or $(KDIR),$(KERNEL),running)
GUEST_KERNEL := $(or $(KDIR),$(KERNEL),6.12)
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

# Tests in which several do something at the same time.
MEETINGS := @(race|fetch_race|teardown_race|storm|call_storm|handover|region_wait|poll|call)

MANPAGES := $(wildcard $(O)/man/*.[134])
UDEVDIR := $(PREFIX)/lib/udev/rules.d
MANDIR := $(PREFIX)/share/man
DKMSDIR := /usr/src/mbx-$(VERSION)

all: module-if-possible library tool ## the module if it can be built here, the library and the tool

module: ## the module, for the running kernel, KERNEL= or KDIR=
	@$(DEPS) module
	@$(VM)/module $(MODULE_KERNEL)

module-if-possible:
	@if [ -n "$(KDIR)$(KERNEL)" ] || [ -d /lib/modules/$$(uname -r)/build ]; then \
		$(MAKE) --no-print-directory module; \
	else \
		echo "no headers for the running kernel $$(uname -r): going on without the module" >&2; \
	fi

library: ## libmbx, shared and static
	@$(DEPS) library
	@$(MAKE) --no-print-directory -C lib O=$(O) PREFIX=$(PREFIX) all

tool: library ## the command-line tool mbx
	@$(DEPS) tool
	@$(MAKE) --no-print-directory -C tools/mbx O=$(O) PREFIX=$(PREFIX) all

check: ## all tests, on KERNEL= (6.12); TESTS= chooses; SMP=, BITS=
	@$(VM)/check '$(GUEST_KERNEL)' '$(or $(TESTS),*)' '$(or $(SMP),2)' '$(or $(BITS),64)'

check-long: ## the tests that kill at random and use up process numbers, at length, on KERNEL=
	@MBX_LONG=1 $(VM)/check '$(GUEST_KERNEL)' '@(call_storm|direct_reuse)' '$(or $(SMP),2)'

debug-kernel: ## the kernel of check-debug, from Debian's source package
	@$(VM)/debug-kernel debug

check-debug: debug-kernel ## all tests, and failing allocations, on the debug kernel
	@$(VM)/check --count debug '$(or $(TESTS),*)' '$(or $(SMP),2)' '$(or $(BITS),64)'

check-kcsan: ## the tests in which many meet, on a kernel that watches for data races
	@$(VM)/debug-kernel kcsan
	@$(VM)/check --guest-only kcsan '$(or $(TESTS),$(MEETINGS))' '$(or $(SMP),2)'

coverage: $(O)/counted/module/complete $(O)/counted/programs/complete ## which lines and branches the tests reach
	@selftests/coverage/run

# What tests have counted is good for as long as nothing is changed.
sources := Kbuild Makefile $(shell find kmod lib tools selftests include)
$(O)/counted/module/complete: $(sources)
	@rm -f $@
	@$(MAKE) --no-print-directory check-debug TESTS= SMP= BITS= || [ -e $@ ]
$(O)/counted/programs/complete: $(sources)
	@rm -f $@
	@$(VM)/check --count 6.12 || [ -e $@ ]

model: ## models of what is done without locks, searched by spin; MODELS= chooses
	@$(DEPS) model
	@selftests/model/run $(MODELS)

mutants: ## planted bugs, each of which some step has to find; MUTANTS= chooses
	@$(DEPS) mutants
	@selftests/mutants/run $(MUTANTS)

matrix: ## all tests on all kernels, with one processor and with two; ROWS= chooses
	@$(VM)/matrix $(ROWS)

soak: ## mixed load with random kills for MINUTES= (5) or SECONDS=, KERNEL=, SEED=
	@selftests/soak/run '$(GUEST_KERNEL)' '$(or $(SECONDS),$(or $(MINUTES),5)m)' '$(SEED)'

fuzz: debug-kernel ## sequences of calls by chance for SECONDS= (60), SEED=; REPRO= repeats some
	@selftests/fuzz/run $(if $(REPRO),--repro '$(REPRO)','$(or $(SECONDS),60)' '$(SEED)')

bench: ## mbx beside its peers, in instructions of a guest; KERNEL=, RUNS= to compare (1)
	@tools/bench/run bench '$(GUEST_KERNEL)' $(RUNS)

bench-smp: ## senders and receivers on two processors, in wall time, beside POSIX mq
	@tools/bench/run smp '$(GUEST_KERNEL)'

bench-check: ## what mbx costs, against the budgets in tools/bench/budgets; KERNEL=
	@tools/bench/run check '$(GUEST_KERNEL)'

bench-record: ## measure, and make the results the budgets; KERNEL=
	@tools/bench/run record '$(GUEST_KERNEL)'

demo: ## what mbx does, shown step by step in a guest
	@$(VM)/run --kernel '$(GUEST_KERNEL)' \
		$(addprefix --add ,$(wildcard tools/demo/*)) -- ./demo.sh

shell: ## an interactive guest with the module loaded; ADD= puts files into /root
	@$(VM)/run --kernel '$(GUEST_KERNEL)' $(addprefix --add ,$(ADD)) --shell

lint: ## sparse, W=1, checkpatch, clang-format, shellcheck, cppcheck and more; STEPS= chooses
	@tools/setup/lint $(STEPS)

abi: ## compare the ABI of module and library with what is recorded
	@selftests/abi/check

abi-record: ## record what has been added to the ABI
	@selftests/abi/check record

docs: ## manual pages, and the documentation as HTML
	@$(DEPS) docs
	@$(MAKE) --no-print-directory -C Documentation O=$(O) all

man:
	@$(DEPS) man
	@$(MAKE) --no-print-directory -C Documentation O=$(O) man

install: library tool man ## library, tool, manual pages and udev rule (DESTDIR, PREFIX)
	@$(MAKE) --no-print-directory -C lib O=$(O) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) install
	@$(MAKE) --no-print-directory -C tools/mbx O=$(O) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) install
	install -D -m 644 tools/udev/60-mbx.rules $(DESTDIR)$(UDEVDIR)/60-mbx.rules
	@$(MAKE) --no-print-directory install-man

# A make of its own: the pages may have been made just before.
install-man:
	@for page in $(MANPAGES); do \
		install -v -D -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; \
	done

modules_install: module ## the module, where modprobe finds it (DESTDIR, KERNEL=, KDIR=)
	@$(VM)/module-install $(MODULE_KERNEL) "$(DESTDIR)"

dkms_install: ## the module's sources, where DKMS finds them (DESTDIR)
	@for file in dkms.conf Kbuild $$(find kmod include -name '*.[ch]'); do \
		install -D -m 644 $$file $(DESTDIR)$(DKMSDIR)/$$file || exit 1; done
	@echo "installed $(DESTDIR)$(DKMSDIR); go on with: dkms install mbx/$(VERSION)"

uninstall: ## what install and dkms_install have put there
	@$(MAKE) --no-print-directory -C lib O=$(O) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) uninstall
	@$(MAKE) --no-print-directory -C tools/mbx O=$(O) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) uninstall
	rm -f $(DESTDIR)$(UDEVDIR)/60-mbx.rules
	rm -f $(foreach s,1 3 4,$(DESTDIR)$(MANDIR)/man$(s)/mbx.$(s) $(DESTDIR)$(MANDIR)/man$(s)/libmbx.$(s))
	rm -rf $(DESTDIR)$(DKMSDIR)

kselftest-install: library ## the tests with the kernel's own runner, into KSFT_INSTALL_PATH
	@$(DEPS) check source
	@$(MAKE) --no-print-directory -C selftests O=$(O) kselftest-install

clean: ## remove what was built; downloads stay in the cache
	rm -rf $(O)

help: ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 22
	@echo
	@echo "Variables:"
	@printf '  %s\t%s\n' \
		KERNEL "6.1, 6.12, 6.12-rt, newest, debug, kcsan or running; or KDIR" \
		KDIR "directory to build the module against" \
		TESTS "pattern of the tests to run, such as 'region*'" \
		SMP "processors of the guest (2)" \
		BITS "of the module's tests: 64, or 32 for these alone" \
		MODELS "models to check, such as 'waiter poll'" \
		MUTANTS "mutants to try, such as '09-quota-one-short'" \
		ROWS "rows of matrix, such as '6.1-2 debug-1'" \
		MINUTES "how long to soak (5); or SECONDS" \
		REPRO "file of sequences for fuzz to repeat" \
		SEED "where random choices begin; printed if it is not given" \
		RUNS "how often to boot and measure (1)" \
		STEPS "steps of lint, such as 'sparse checkpatch'" \
		ADD "files to put into the guest of make shell" \
		O "directory for what is built (build)" \
		PREFIX "where to install (/usr/local)" \
		DESTDIR "root of the tree to install into" \
		KSFT_INSTALL_PATH "where to install the tests" \
		MBX_NO_INSTALL=1 "list missing packages and stop instead of installing" \
		XDG_CACHE_HOME "downloads go to its directory mbx (~/.cache)" \
		| expand -t 22

.PHONY: all module module-if-possible library tool check check-long debug-kernel \
	check-debug check-kcsan coverage matrix model mutants soak fuzz bench bench-smp bench-check \
	bench-record demo shell lint abi abi-record docs man install install-man \
	modules_install dkms_install uninstall kselftest-install clean help
