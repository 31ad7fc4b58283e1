# CTest entries, by label: unit, golden, conformance, spec, programs.  `make test` switches them on, in a build directory that may be there
# already; who only builds needs nothing of what they need.

option(BUILD_TESTING "Build the tests" OFF)
enable_testing()
if(NOT BUILD_TESTING)
    return()
endif()

# The engine's archive is in dozens of the tests' programs, and lld, which tests need anyway, links one in a quarter of the time.
find_program(MT_LLD ld.lld PATHS /usr/lib/llvm-19/bin)
if(MT_LLD)
    cmake_path(GET MT_LLD PARENT_PATH MT_LLD_FOLDER)
    add_link_options(-fuse-ld=lld -B${MT_LLD_FOLDER})
endif()

# mt_limits(NAME LABEL SECONDS): after so many seconds of an idle machine the test hangs for sure.  The limit is one of the clock, and others
# may keep the processors busy meanwhile, so it is twelve times that.  Exit status 77 says that it can't run here (tests/surroundings.py).
function(mt_limits name label seconds)
    math(EXPR limit "12 * ${seconds}")
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${limit} SKIP_RETURN_CODE 77)
endfunction()

function(mt_need_script script)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/tests/${script})
        message(FATAL_ERROR "There is no tests/${script}, which cmake/Tests.cmake names")
    endif()
endfunction()

# mt_unit_tests: one program for each tests/unit/test_*.c; the other files there are shared helpers.
function(mt_unit_tests)
    file(GLOB tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/test_*.c)
    file(GLOB helpers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/*.c)
    list(REMOVE_ITEM helpers ${tests})
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

    add_library(mt-unit INTERFACE)
    target_link_libraries(mt-unit INTERFACE mt-flags PkgConfig::CMOCKA)
    target_compile_definitions(mt-unit INTERFACE MT_TESTS_DIR="${PROJECT_SOURCE_DIR}/tests")
    if(helpers)
        add_library(mt-unit-helpers STATIC ${helpers})
        target_link_libraries(mt-unit-helpers PRIVATE mt-unit PUBLIC mem-tracer-lib)
        target_link_libraries(mt-unit INTERFACE mt-unit-helpers)
    endif()
    if(TARGET mem-tracer-cli)
        target_link_libraries(mt-unit INTERFACE mem-tracer-cli)
    endif()

    foreach(source IN LISTS tests)
        cmake_path(GET source STEM name)
        add_executable(${name} ${source})
        target_link_libraries(${name} PRIVATE mt-unit mem-tracer-lib)
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
        add_test(NAME unit.${name} COMMAND ${name})
        mt_limits(unit.${name} unit 300)
    endforeach()
endfunction()

# mt_script_test(NAME LABEL TIMEOUT SCRIPT ARGS...): a python script under tests/ that drives the built program.
function(mt_script_test name label timeout script)
    mt_need_script(${script})
    add_test(NAME ${name}
        COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/${script} $<TARGET_FILE:mem-tracer> ${ARGN})
    mt_limits(${name} ${label} ${timeout})
endfunction()

# The same with the analysis by trace, where the program itself would have kept it: the same is expected.
function(mt_script_test_by_trace name label timeout script)
    mt_need_script(${script})
    add_test(NAME ${name}
        COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/${script} ${PROJECT_BINARY_DIR}/tests/by_trace ${ARGN})
    mt_limits(${name} ${label} ${timeout})
endfunction()

# A command that some tests run in an environment of their own, so it has its paths in it.
if(TARGET mem-tracer)
    file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/tests/by_trace
        CONTENT "#!/bin/sh\nexec '${PYTHON3}' '${PROJECT_SOURCE_DIR}/tests/by_trace.py' '$<TARGET_FILE:mem-tracer>' \"$@\"\n"
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/tests/apart
        CONTENT "#!/bin/sh\nexec '${PYTHON3}' '${PROJECT_SOURCE_DIR}/tests/by_trace.py' --apart '$<TARGET_FILE:mem-tracer>' \"$@\"\n"
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endif()

# mt_support_programs: tests/support/*.c, programs of the tests' own that know nothing of the library.
function(mt_support_programs)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.c)
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        add_executable(${name} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/valid.c)
        target_link_libraries(${name} PRIVATE mt-flags mt-engine)
        add_dependencies(${name} engine)
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    endforeach()
endfunction()

# mt_spec_host: the specification tests' host, which also instruments modules and gives instances their analyses.
function(mt_spec_host)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/spec/*.c)
    add_executable(spec_host ${sources} ${PROJECT_SOURCE_DIR}/tests/unit/naive.c)
    target_include_directories(spec_host PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(spec_host PRIVATE mt-flags mem-tracer-lib mt-engine)
    add_dependencies(spec_host engine)
    set_target_properties(spec_host PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

# mt_modules_forms: writes modules in every form (tests/modules/run.py).
function(mt_modules_forms)
    add_executable(forms ${PROJECT_SOURCE_DIR}/tests/modules/forms.c)
    target_link_libraries(forms PRIVATE mt-flags mem-tracer-lib mt-engine)
    add_dependencies(forms engine)
    set_target_properties(forms PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

# mt_fuzz_targets: one libFuzzer program for each tests/fuzz/fuzz_*.c.
function(mt_fuzz_targets)
    file(GLOB targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
    foreach(source IN LISTS targets)
        cmake_path(GET source STEM name)
        add_executable(${name} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/valid.c)
        target_link_libraries(${name} PRIVATE mt-flags mt-engine mem-tracer-cli mem-tracer-lib)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    endforeach()
endfunction()

# mt_fuzz_replays: the same targets, each on the inputs that are kept of it.
function(mt_fuzz_replays)
    file(GLOB targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
    foreach(source IN LISTS targets)
        cmake_path(GET source STEM name)
        string(REPLACE fuzz_ "" corpus ${name})
        add_executable(replay_${corpus} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c
            ${PROJECT_SOURCE_DIR}/tests/fuzz/valid.c)
        target_link_libraries(replay_${corpus} PRIVATE mt-flags mt-engine mem-tracer-cli mem-tracer-lib)
        add_dependencies(replay_${corpus} engine)
        set_target_properties(replay_${corpus} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
        add_test(NAME fuzz.${corpus} COMMAND replay_${corpus} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${corpus})
        mt_limits(fuzz.${corpus} unit 300)
    endforeach()
endfunction()

# mt_alloc_tests: programs in which allocations of the project's own code fail when told to (tests/alloc/fail.h).  They are
# linked with copies of the libraries in which the names of functions that allocate are others.
function(mt_alloc_tests)
    set(folder ${PROJECT_SOURCE_DIR}/tests/alloc)
    foreach(library mem-tracer-lib mem-tracer-cli)
        set(copy ${PROJECT_BINARY_DIR}/tests/lib${library}-alloc.a)
        add_custom_command(OUTPUT ${copy}
            COMMAND ${CMAKE_OBJCOPY} --redefine-syms=${folder}/symbols.txt $<TARGET_FILE:${library}> ${copy}
            DEPENDS ${library} ${folder}/symbols.txt VERBATIM)
        list(PREPEND copies ${copy})
    endforeach()
    add_custom_target(alloc-libraries DEPENDS ${copies})
    add_library(mt-alloc INTERFACE)
    target_include_directories(mt-alloc INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(mt-alloc INTERFACE mt-flags ${copies} PkgConfig::JANSSON PkgConfig::LIBDW PkgConfig::ZSTD
        PkgConfig::ZLIB ${LIBIBERTY} mt-engine)

    add_executable(alloc_command ${folder}/command.c ${folder}/entry.c ${folder}/fail.c)
    target_compile_definitions(alloc_command PRIVATE MT_VERSION="${PROJECT_VERSION}")
    set(programs alloc_command)
    foreach(target habits module options report rewrite symbols trace)
        add_executable(alloc_${target} ${folder}/unit.c ${folder}/fail.c ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_${target}.c)
        list(APPEND programs alloc_${target})
        add_test(NAME alloc.${target} COMMAND alloc_${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${target})
        mt_limits(alloc.${target} unit 300)
        set_tests_properties(alloc.${target} PROPERTIES ENVIRONMENT "ASAN_OPTIONS=handle_abort=1")
    endforeach()

    foreach(program IN LISTS programs)
        target_link_libraries(${program} PRIVATE mt-alloc)
        add_dependencies(${program} alloc-libraries engine)
        set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    endforeach()
    foreach(part 1 2)
        add_test(NAME alloc.command.${part}
            COMMAND ${PYTHON3} ${folder}/command.py $<TARGET_FILE:alloc_command> --part ${part}/2)
        mt_limits(alloc.command.${part} unit 300)
    endforeach()
endfunction()

if(MT_FUZZ)
    mt_fuzz_targets()
    return()
endif()

# How many programs are generated: fewer under the sanitisers, where each takes several times as long.
if(MT_SANITIZE)
    set(MT_ANALYSES 40)
    set(MT_SMITH 60)
    set(MT_CONTEXTS 15)
else()
    set(MT_ANALYSES 60)
    set(MT_SMITH 80)
    set(MT_CONTEXTS 40)
endif()

mt_unit_tests()
mt_support_programs()
mt_fuzz_replays()
mt_spec_host()
mt_modules_forms()
if(MT_SANITIZE)
    mt_alloc_tests() # leaks are found by the sanitiser
endif()
mt_need_script(unit/opcode_names.py)
add_test(NAME unit.opcode_names
    COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/unit/opcode_names.py $<TARGET_FILE:test_opcode>)
mt_limits(unit.opcode_names unit 300)
add_test(NAME unit.layers COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/check_layers.py)
set_tests_properties(unit.layers PROPERTIES LABELS unit)
add_test(NAME unit.references COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/check_references.py)
set_tests_properties(unit.references PROPERTIES LABELS unit)
mt_script_test(golden golden 600 golden/run.py)
mt_script_test(conformance.json conformance 900 conformance/check.py)
mt_script_test_by_trace(conformance.by_trace conformance 900 conformance/check.py)
mt_script_test(analyses conformance 900 analyses.py ${MT_ANALYSES})
mt_script_test(conformance.text conformance 900 conformance/check_text.py)
mt_script_test_by_trace(golden.by_trace golden 600 golden/run.py --skip environment_both) # a shell adds to it
mt_script_test(formats golden 300 formats.py)
mt_script_test(memory_map conformance 300 memory_map.py)
mt_script_test(diff golden 300 diff.py)
mt_script_test(merge golden 300 merge.py)
mt_script_test(limits golden 300 limits.py)
mt_script_test(repeatable golden 300 repeatable.py)
mt_script_test(recipes golden 300 recipes.py)
mt_script_test(known golden 300 known.py)
mt_script_test(identity golden 300 identity.py)
mt_script_test(own golden 300 own.py)
mt_script_test(progress golden 300 progress.py)
mt_script_test(signals golden 300 golden/signals.py)
mt_script_test(traps golden 300 golden/traps.py)
mt_script_test(bad_input golden 600 golden/bad_input.py)
mt_script_test(wasi conformance 600 wasi/run.py)
mt_script_test(standalone conformance 600 standalone.py)
mt_script_test(validate conformance 600 validate.py)
mt_script_test(symbols conformance 600 symbols/run.py 6)
mt_script_test(source_maps conformance 300 source_maps/run.py 40)
mt_script_test(windows_paths conformance 300 windows_paths.py)
mt_script_test(symbols.fit conformance 600 symbols/fit.py)
if(TARGET mem-tracer)
    add_test(NAME conformance.apart
        COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/conformance/check.py ${PROJECT_BINARY_DIR}/tests/apart)
    mt_limits(conformance.apart conformance 900)
endif()
mt_script_test(contexts conformance 600 contexts/run.py ${MT_CONTEXTS})
mt_script_test(objects conformance 600 objects/run.py)
mt_script_test(objects.forms conformance 300 objects/forms.py)
mt_script_test(objects.split conformance 300 objects/split.py)
mt_script_test(objects.cases conformance 300 objects/cases.py)
if(TARGET mem-tracer-shared)
    mt_script_test(package golden 300 package.py ${PROJECT_BINARY_DIR} --quick)
    mt_script_test(install golden 300 install.py ${PROJECT_BINARY_DIR} ${MT_ENGINE_INCLUDE} ${MT_ENGINE_ARCHIVE})
endif()
mt_script_test(trace_file golden 300 trace_file.py 12)
mt_script_test(classes conformance 300 classes/run.py)
mt_script_test_by_trace(classes.by_trace conformance 300 classes/run.py)
mt_script_test(interp conformance 600 interp/run.py)
mt_script_test(smith conformance 900 spec/smith.py ${MT_SMITH})
mt_script_test(spec spec 900 spec/run.py --brief)
mt_script_test(spec.forms spec 900 spec/run.py --quick)
mt_script_test(isolation golden 300 isolation.py)
foreach(part 1 2)
    mt_script_test(hostile.${part} golden 300 hostile.py --part ${part}/2)
    mt_script_test(hostile.dwarf.${part} golden 300 hostile.py --dwarf --part ${part}/2)
endforeach()
mt_script_test(limits.engine spec 300 limits/run.py)
mt_script_test(limits.run spec 300 limits/run.py --run)
mt_script_test(terminal golden 120 terminal.py)
mt_script_test(chromium golden 120 chromium/run.py)
mt_script_test(chromium.speedscope golden 120 chromium/speedscope.py)
mt_script_test(npm programs 300 modules/run.py --quick) # modules of packages, not only of npm
mt_script_test(findings programs 300 findings.py)
mt_script_test(programs programs 900 programs/run.py --quick)

# `make test` runs each test in one build: in build/debug, where the sanitisers watch, but for these, which take long there, have packages or
# other programs in view, or are about time.  Two that cover most of the code run in both.  `make test-more` runs what is left of both builds;
# the command's tests with the other analysis, which the conformance cases were given already; and the specification's in more forms.
set(MT_IN_RELEASE analyses chromium chromium.speedscope conformance.apart contexts hostile.dwarf.1 hostile.dwarf.2 install interp
    limits.engine limits.run npm objects package programs progress signals smith spec spec.forms standalone terminal
    unit.test_rewrite_room validate wasi)
set(MT_IN_BOTH golden conformance.json)
set(MT_LATER golden.by_trace spec.forms)
get_property(MT_TESTS DIRECTORY PROPERTY TESTS)
foreach(test IN LISTS MT_TESTS)
    if((MT_SANITIZE AND test IN_LIST MT_IN_RELEASE) OR (NOT MT_SANITIZE AND NOT test IN_LIST MT_IN_RELEASE))
        set(elsewhere ON)
    else()
        set(elsewhere OFF)
    endif()
    if((elsewhere AND NOT test IN_LIST MT_IN_BOTH) OR test IN_LIST MT_LATER)
        set_property(TEST ${test} APPEND PROPERTY LABELS more)
    endif()
endforeach()
