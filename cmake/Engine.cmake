# The engine: wasmtime's C API as the imported target `mt-engine`; the target `engine` builds it.
#
# cargo's target directory lies in a per-user cache whose name comes from engine/Cargo.lock, so that every
# checkout and every preset share one build.  With WASMTIME_ROOT nothing is built.

find_package(Threads REQUIRED)

if(WASMTIME_ROOT)
    find_library(MT_WASMTIME_LIBRARY NAMES libwasmtime.a libwasmtime.so wasmtime
        PATHS ${WASMTIME_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
    set(MT_ENGINE_ARCHIVE ${MT_WASMTIME_LIBRARY})
    set(MT_ENGINE_INCLUDE ${WASMTIME_ROOT}/include)
    if(NOT EXISTS ${MT_ENGINE_INCLUDE}/wasmtime.h)
        message(FATAL_ERROR "WASMTIME_ROOT: no ${MT_ENGINE_INCLUDE}/wasmtime.h")
    endif()
    add_custom_target(engine)
else()
    set(crate ${PROJECT_SOURCE_DIR}/engine)
    set(build_script ${PROJECT_SOURCE_DIR}/scripts/build_engine.sh)
    execute_process(COMMAND ${build_script} --print-dir
        OUTPUT_VARIABLE MT_ENGINE_DIR OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${crate}/Cargo.lock)
    set(MT_ENGINE_ARCHIVE ${MT_ENGINE_DIR}/release/libmem_tracer_engine.a)
    set(MT_ENGINE_INCLUDE ${MT_ENGINE_DIR}/include)
    file(MAKE_DIRECTORY ${MT_ENGINE_INCLUDE})
    # The output is a stamp in the build directory: a fresh checkout's files are newer than the cached archive,
    # and the script, which compares contents, should be asked about that once, not at every build.
    add_custom_command(
        OUTPUT ${PROJECT_BINARY_DIR}/engine.stamp
        BYPRODUCTS ${MT_ENGINE_ARCHIVE}
        COMMAND ${build_script}
        COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/engine.stamp
        DEPENDS ${crate}/Cargo.toml ${crate}/Cargo.lock ${crate}/src/lib.rs ${build_script}
        COMMENT "Engine"
        USES_TERMINAL VERBATIM)
    add_custom_target(engine DEPENDS ${PROJECT_BINARY_DIR}/engine.stamp)
endif()

add_library(mt-engine UNKNOWN IMPORTED)
set_target_properties(mt-engine PROPERTIES
    IMPORTED_LOCATION ${MT_ENGINE_ARCHIVE}
    INTERFACE_INCLUDE_DIRECTORIES ${MT_ENGINE_INCLUDE})
target_link_libraries(mt-engine INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)
add_dependencies(mt-engine engine)
