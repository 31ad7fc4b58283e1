# `cmake --install`: program, library with its header, pkg-config file and CMake package, man page, documentation.  Three components:
# `program`, `runtime` (the shared library), `library` (what a build with it needs).  Nothing in the tree names the prefix.

include(CMakePackageConfigHelpers)

set(MT_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/memtracer)
if(TARGET mem-tracer)
    install(TARGETS mem-tracer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
install(FILES docs/mem-tracer.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
file(GLOB MT_DOCS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/*.md)
install(FILES README.md ${MT_DOCS} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

# Completions, where the shells look for them below any prefix that is in XDG_DATA_DIRS.
set(MT_COMPLETIONS ${PROJECT_BINARY_DIR}/completions)
add_custom_command(OUTPUT ${MT_COMPLETIONS}/mem-tracer ${MT_COMPLETIONS}/_mem-tracer ${MT_COMPLETIONS}/mem-tracer.fish
    COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/completions.py ${PROJECT_SOURCE_DIR} ${MT_COMPLETIONS}
    DEPENDS ${PROJECT_SOURCE_DIR}/scripts/completions.py ${PROJECT_SOURCE_DIR}/src/cli/option_table.c
            ${PROJECT_SOURCE_DIR}/src/cli/option_values.c
            ${PROJECT_SOURCE_DIR}/src/cli/help.c
    VERBATIM)
add_custom_target(completions ALL DEPENDS ${MT_COMPLETIONS}/mem-tracer)
install(FILES ${MT_COMPLETIONS}/mem-tracer
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${MT_COMPLETIONS}/_mem-tracer DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT program)
install(FILES ${MT_COMPLETIONS}/mem-tracer.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)

# What a package says of copyrights, in the folder of each.
set(MT_COPYRIGHT ${PROJECT_BINARY_DIR}/copyright)
add_custom_command(OUTPUT ${MT_COPYRIGHT}
    COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/copyright.py ${MT_COPYRIGHT}
    DEPENDS ${PROJECT_SOURCE_DIR}/scripts/copyright.py ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/engine/Cargo.lock
    VERBATIM)
add_custom_target(copyrights ALL DEPENDS ${MT_COPYRIGHT})
add_dependencies(copyrights engine) # whose build fetches the sources with the texts
install(FILES ${MT_COPYRIGHT} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES ${MT_COPYRIGHT} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libmemtracer0 COMPONENT runtime)
install(FILES ${MT_COPYRIGHT} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libmemtracer-dev COMPONENT library)

if(TARGET mem-tracer-shared)
    # The installed archive holds one object, in which only what mem_tracer.h declares has a name: who links it may use any name of ours.
    set(MT_ARCHIVE ${PROJECT_BINARY_DIR}/installed/libmemtracer.a)
    set(MT_OBJECT ${PROJECT_BINARY_DIR}/installed/memtracer.o)
    add_custom_command(OUTPUT ${MT_ARCHIVE}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/installed
        COMMAND ${CMAKE_LINKER} -r -o ${MT_OBJECT} --whole-archive $<TARGET_FILE:mem-tracer-lib>
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${MT_OBJECT}
        COMMAND ${CMAKE_COMMAND} -E rm -f ${MT_ARCHIVE}
        COMMAND ${CMAKE_AR} rcs ${MT_ARCHIVE} ${MT_OBJECT}
        COMMAND ${CMAKE_COMMAND} -E rm ${MT_OBJECT}
        DEPENDS mem-tracer-lib VERBATIM)
    add_custom_target(installed-archive ALL DEPENDS ${MT_ARCHIVE})
    install(FILES ${MT_ARCHIVE} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
endif()
install(FILES include/mem_tracer.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
if(TARGET mem-tracer-shared)
    install(TARGETS mem-tracer-shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT runtime NAMELINK_COMPONENT library)
endif()

# The static library needs the engine's archive too.
if(WASMTIME_ROOT)
    set(MT_PC_ENGINE "-L${WASMTIME_ROOT}/lib -lwasmtime")
    set(MT_CONFIG_ENGINE ${MT_ENGINE_ARCHIVE})
else()
    install(FILES ${MT_ENGINE_ARCHIVE} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
    set(MT_PC_ENGINE "-lmem_tracer_engine")
    set(MT_CONFIG_ENGINE "\${PACKAGE_PREFIX_DIR}/${CMAKE_INSTALL_LIBDIR}/libmem_tracer_engine.a")
endif()
# Relative to the file itself, so that the prefix may be chosen at install time.
file(RELATIVE_PATH MT_PC_PREFIX /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
configure_file(cmake/memtracer.pc.in memtracer.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/memtracer.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
if(TARGET mem-tracer-shared)
    configure_package_config_file(cmake/memtracer-config.cmake.in memtracer-config.cmake.gen
        INSTALL_DESTINATION ${MT_CMAKEDIR} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
    file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/memtracer-config.cmake INPUT ${PROJECT_BINARY_DIR}/memtracer-config.cmake.gen)
    write_basic_package_version_file(memtracer-config-version.cmake COMPATIBILITY SameMinorVersion)
    install(FILES ${PROJECT_BINARY_DIR}/memtracer-config.cmake ${PROJECT_BINARY_DIR}/memtracer-config-version.cmake
        DESTINATION ${MT_CMAKEDIR} COMPONENT library)
endif()
