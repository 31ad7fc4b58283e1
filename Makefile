# Thin wrappers over the CMake presets; `make help` lists them.

.DEFAULT_GOAL := build
.PHONY: help package bench demo spec alloc limits modules test test-more test-all fresh build release debug fuzz examples install coverage lint clean

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local

# On a terminal ninja shows its progress; elsewhere it prints only what went wrong.
QUIET = $$([ -t 2 ] || echo -- --quiet)
# TESTS=1 has the tests built, too, and needs what they need; a build directory that has them keeps them.
CONFIGURE = { test -f build/$@/build.ninja $(if $(TESTS),&& grep -qx BUILD_TESTING:BOOL=ON build/$@/CMakeCache.txt); } || \
	cmake --preset $@ $(if $(TESTS),-DBUILD_TESTING=ON) >/dev/null
COMPILE = cmake --build --preset $@ -j $(JOBS) $(QUIET)

help:
	@echo "make demo      install what is missing, build, and trace a real program"
	@echo "make test      install what is missing, build and run the tests"
	@echo "make test-more the rest of the tests: each in the other build, too, and make lint"
	@echo "make test-all  both, with every real program (long)"
	@echo "make fresh     the two commands typed in new roots of Debian 12 and 13 (as root, long)"
	@echo "make spec      the whole specification's tests and thousands of generated modules (docs/testing.md)"
	@echo "make modules   real modules of packages, in every form; those for Node run there"
	@echo "make alloc     every allocation made to fail in turn (some 40 minutes)"
	@echo "make limits    modules at every limit of the engine"
	@echo "make build     the optimised program: build/release/mem-tracer"
	@echo "make debug     the same under the address and undefined behaviour sanitisers: build/debug"
	@echo "make fuzz      the fuzz targets, with clang and libFuzzer: build/fuzz"
	@echo "make examples  compile examples/*.c to WebAssembly again"
	@echo "make install   install to PREFIX ($(PREFIX)); DESTDIR is honoured"
	@echo "make package   Debian packages: build/release/*.deb"
	@echo "make bench     what analysis costs: plain against analysed, many programs (some 20 minutes)"
	@echo "make coverage  how many lines of each folder the tests run, by gcc's counters (some 10 minutes)"
	@echo "make lint      layering, formatting and static analysis"
	@echo "make clean     remove build/"

demo:
	@scripts/setup.sh --for demo
	@$(MAKE) --no-print-directory release
	@scripts/demo.sh

test:
	@scripts/setup.sh --for test
	@$(MAKE) --no-print-directory TESTS=1 debug release
	@scripts/test.sh $(if $(JUNIT),--junit $(JUNIT))

test-more:
	@scripts/setup.sh --for more
	@$(MAKE) --no-print-directory TESTS=1 debug release
	@scripts/test.sh --more $(if $(JUNIT),--junit $(JUNIT))

fresh:
	@scripts/fresh.sh bookworm
	@scripts/fresh.sh trixie

test-all:
	@scripts/setup.sh --for programs
	@$(MAKE) --no-print-directory TESTS=1 debug release
	@scripts/test.sh --all

spec:
	@scripts/setup.sh --for test
	@$(MAKE) --no-print-directory TESTS=1 release
	@python3 tests/spec/run.py build/release/mem-tracer
	@cd build && python3 ../tests/spec/smith.py release/mem-tracer $(or $(COUNT),5000) $(or $(SEED),1)

modules:
	@scripts/setup.sh --for programs
	@$(MAKE) --no-print-directory TESTS=1 release
	@python3 tests/modules/run.py build/release/mem-tracer $(if $(ONLY),--only '$(ONLY)')

alloc:
	@scripts/setup.sh --for test
	@$(MAKE) --no-print-directory TESTS=1 debug
	@python3 tests/alloc/command.py build/debug/tests/alloc_command --full

limits:
	@scripts/setup.sh --for test
	@$(MAKE) --no-print-directory TESTS=1 release
	@python3 tests/limits/run.py build/release/mem-tracer --all
	@python3 tests/limits/run.py build/release/mem-tracer --run --all

build: release

release debug:
	@$(CONFIGURE)
	@$(COMPILE)

fuzz:
	@scripts/setup.sh --for fuzz
	@$(CONFIGURE)
	@$(COMPILE)

examples:
	@examples/build.sh

install: release
	@cmake --install build/release --prefix $(PREFIX)

package:
	@scripts/setup.sh --for package
	@$(MAKE) --no-print-directory release
	@cd build/release && cpack -G DEB

coverage: TESTS = 1
coverage:
	@scripts/setup.sh --for test
	@$(CONFIGURE)
	@$(COMPILE)
	@find build/coverage -name '*.gcda' -delete
	@ctest --preset coverage -j $(JOBS)
	@scripts/coverage.py

lint:
	@scripts/setup.sh --for lint
	@$(MAKE) --no-print-directory release
	@scripts/lint.sh

bench:
	@scripts/setup.sh --for test
	@$(MAKE) --no-print-directory TESTS=1 release
	@python3 bench/run.py

clean:
	@rm -rf build
