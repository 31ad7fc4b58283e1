/* split.h: the part of a compilation unit that stands in another file (DWARF 5, 3.1.2 and 3.1.3; "DebugFission" of GCC's wiki for DWARF 4). */
#ifndef MT_SYMBOL_SPLIT_H
#define MT_SYMBOL_SPLIT_H

#include "base/buf.h"
#include "wasm/module.h"

#include <elfutils/libdw.h>

/* Where the rest is looked for: in a package, and in .dwo files. */
struct split_files {
    char *folder;                      /* of the file with the skeletons; NULL: nowhere */
    const struct wasm_module *package; /* a .dwp, or a .dwo; NULL: there is none */
    struct buf bytes;                  /* of a package that was found */
    struct wasm_module found;
};

/* `path` is that of the file with the skeletons, beside which a package NAME.dwp may lie; NULL: nothing is looked for.  `package` is one that the
 * user names, or NULL.  False and *err when memory is short.  Release in either case. */
bool split_files_open(struct split_files *f, const char *path, const struct wasm_module *package, struct error *err);
void split_files_release(struct split_files *f);

struct split_unit;

/* What a skeleton says of the rest of its unit. */
struct split_name {
    const char *name;   /* of the file */
    const char *folder; /* of the compilation; NULL: not known */
    uint64_t id;
};

/* Whether the unit is a skeleton. */
bool split_name_of(Dwarf_Die *unit, struct split_name *name);

/* The rest of a skeleton, whose sections `module` has.  *out is NULL where no file has it, with a phrase in *why.  False and *err when memory is short. */
bool split_unit_open(struct split_unit **out, const struct split_files *files, Dwarf_Die *skeleton,
                     const struct wasm_module *module, const char **why, struct error *err);
void split_unit_close(struct split_unit *s);

/* Its entry. */
Dwarf_Die split_unit_die(const struct split_unit *s);

/* As dwarf_ranges, of an entry of the unit; s NULL: of an entry that is in no such unit. */
ptrdiff_t split_unit_ranges(const struct split_unit *s, Dwarf_Die *die, ptrdiff_t offset, Dwarf_Addr *base,
                            Dwarf_Addr *low, Dwarf_Addr *high);

#endif
