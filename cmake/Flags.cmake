# Compile and link flags that every target of the project shares.

add_library(mt-flags INTERFACE)
target_compile_definitions(mt-flags INTERFACE _GNU_SOURCE)
target_compile_options(mt-flags INTERFACE
    -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -ffunction-sections -fdata-sections)
# The engine's archive is large; only what is reached from the program should end up in it.
target_link_options(mt-flags INTERFACE -Wl,--gc-sections)

if(MT_WERROR)
    target_compile_options(mt-flags INTERFACE -Werror)
endif()

set(MT_SANITIZERS "")
if(MT_SANITIZE OR MT_FUZZ)
    set(MT_SANITIZERS address,undefined)
endif()
if(MT_FUZZ)
    string(APPEND MT_SANITIZERS ,fuzzer-no-link)
endif()
if(MT_SANITIZERS)
    target_compile_options(mt-flags INTERFACE
        -fsanitize=${MT_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(mt-flags INTERFACE -fsanitize=${MT_SANITIZERS})
endif()
