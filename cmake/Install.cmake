# `cmake --install`: program, library with its header and pkg-config file, man page.

if(TARGET mem-tracer)
    install(TARGETS mem-tracer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(TARGETS mem-tracer-lib ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

if(EXISTS ${PROJECT_SOURCE_DIR}/include/mem_tracer.h)
    install(FILES include/mem_tracer.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/docs/mem-tracer.1)
    install(FILES docs/mem-tracer.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()

# The library is static, so whoever links it needs the engine's archive too.
if(WASMTIME_ROOT)
    set(MT_PC_ENGINE "-L${WASMTIME_ROOT}/lib -lwasmtime")
else()
    install(FILES ${MT_ENGINE_ARCHIVE} DESTINATION ${CMAKE_INSTALL_LIBDIR})
    set(MT_PC_ENGINE "-lmem_tracer_engine")
endif()
# Relative to the file itself, so that the prefix may be chosen at install time.
file(RELATIVE_PATH MT_PC_PREFIX /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
configure_file(cmake/mem-tracer.pc.in mem-tracer.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mem-tracer.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
