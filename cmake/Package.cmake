# `cpack -G DEB` (`make package`): three Debian packages, of the components of Install.cmake.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mem-tracer)
set(CPACK_PACKAGE_VENDOR "mem-tracer")
set(CPACK_PACKAGE_CONTACT "mem-tracer maintainers <maintainers@users.noreply.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds WebAssembly instructions that waste memory work")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program runtime library)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip) # the engine's archive takes minutes with xz
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME mem-tracer)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Rewrites a module so that every access to linear memory is seen, runs it on wasmtime with WASI, and reports
dead stores, silent stores and silent loads as pairs of instructions.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libmemtracer0)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "The shared library: what mem-tracer does, also for programs that have an engine of their own.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libmemtracer-dev)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS OFF)
# libbz2-dev: `pkg-config --static` has -lbz2 of libdw.pc (elfutils 0.188 to 0.192), whose package does not depend on it.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS
    "libmemtracer0 (= ${PROJECT_VERSION}), libjansson-dev, libdw-dev, libbz2-dev, libzstd-dev, zlib1g-dev, libiberty-dev, libc6-dev")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "For building with libmemtracer: header, static library, pkg-config file and CMake package.")

include(CPack)
