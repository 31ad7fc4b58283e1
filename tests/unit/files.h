/* files.h: modules for tests: the .wasm files under tests/. */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <stddef.h>
#include <stdint.h>

struct file {
    char path[512];
    uint8_t *bytes;
    size_t size;
};

/* Calls `visit` with every .wasm file below tests/FOLDER; returns how many there were. */
size_t files_visit(const char *folder, void (*visit)(const struct file *file));

#endif
