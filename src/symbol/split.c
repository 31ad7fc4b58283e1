#include "symbol/split.h"

#include "base/infile.h"
#include "symbol/elf_image.h"
#include "symbol/package.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 0x7fffffff, RANGES_FRONT = 16 };

struct split_unit {
    struct buf file;           /* a .dwo's bytes */
    struct wasm_module module; /* that file, decoded */
    struct buf made;           /* sections cut from a package */
    struct buf ranges;         /* those of DWARF 4, with something in front: to libdw no list begins at 0 */
    struct buf image;
    Elf *elf;
    Dwarf *dwarf;
    Dwarf_Die die;
    struct elf_section lists; /* .debug_rnglists; empty before DWARF 5 */
    Dwarf_Addr base;          /* of ranges: the skeleton has it */
    bool is_old;              /* DWARF 4 */
};

static const char *text_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr(die, name, &attribute));
}

static bool number_of(Dwarf_Die *die, unsigned name, uint64_t *number)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    if (dwarf_formudata(dwarf_attr(die, name, &attribute), &value) != 0)
        return false;
    *number = value;
    return true;
}

/* Not by dwarf_cu_info's last entry: libdw would look for files by itself, and take ELF only. */
static bool unit_info(Dwarf_Die *unit, uint8_t *type, uint64_t *id, bool *is_old)
{
    Dwarf_Half version;
    if (dwarf_cu_info(unit->cu, &version, type, NULL, NULL, id, NULL, NULL) != 0)
        return false;
    *is_old = version < 5;
    return true;
}

bool split_name_of(Dwarf_Die *unit, struct split_name *name)
{
    uint8_t type;
    bool is_old;
    *name = (struct split_name){.name = NULL};
    if (!unit_info(unit, &type, &name->id, &is_old) || type != DW_UT_skeleton)
        return false;
    name->name = text_of(unit, is_old ? DW_AT_GNU_dwo_name : DW_AT_dwo_name);
    name->folder = text_of(unit, DW_AT_comp_dir);
    return name->name && *name->name;
}

/* The part of a section of the skeleton's file from which the unit's numbers count, as a section by itself. */
static struct elf_section rest_of(const struct wasm_module *module, const char *name, Dwarf_Die *skeleton,
                                  unsigned attribute)
{
    const struct wasm_section *s = wasm_module_custom(module, name);
    uint64_t from = 0;
    number_of(skeleton, attribute, &from);
    if (!s || from >= (uint64_t)(s->end - s->items))
        return (struct elf_section){name, NULL, 0};
    return (struct elf_section){name, s->items + from, (size_t)(s->end - s->items) - from};
}

/* Adds what the skeleton's file has of the unit: its addresses, and in DWARF 4 its ranges. */
static bool add_rest(struct split_unit *s, struct elf_section *sections, unsigned *count, Dwarf_Die *skeleton,
                     const struct wasm_module *module)
{
    static const uint8_t front[RANGES_FRONT];
    const bool has_base = dwarf_hasattr(skeleton, DW_AT_addr_base);
    sections[*count] = rest_of(module, ".debug_addr", skeleton, has_base ? DW_AT_addr_base : DW_AT_GNU_addr_base);
    *count += sections[*count].size != 0;
    const struct elf_section ranges = rest_of(module, ".debug_ranges", skeleton, DW_AT_GNU_ranges_base);
    if (!ranges.size)
        return true;
    if (!buf_put(&s->ranges, front, sizeof front) || !buf_put(&s->ranges, ranges.bytes, ranges.size))
        return false;
    sections[(*count)++] = (struct elf_section){ranges.name, s->ranges.data, s->ranges.size};
    return true;
}

/* The unit of the image that has the id. */
static bool find_unit(struct split_unit *s, uint64_t id)
{
    Dwarf_Off offset = 0, next;
    size_t header;
    while (dwarf_nextcu(s->dwarf, offset, &next, &header, NULL, NULL, NULL) == 0 && next > offset) {
        uint8_t type;
        uint64_t found;
        if (dwarf_offdie(s->dwarf, offset + header, &s->die) && unit_info(&s->die, &type, &found, &s->is_old) &&
            type == DW_UT_split_compile && found == id)
            return true;
        offset = next;
    }
    return false;
}

static void forget(struct split_unit *s)
{
    dwarf_end(s->dwarf);
    elf_end(s->elf);
    s->dwarf = NULL;
    s->elf = NULL;
    buf_release(&s->image);
    buf_release(&s->ranges);
    buf_release(&s->made);
}

/* Opens the unit in a file.  False when memory is short; s->dwarf is NULL, with a phrase in *why, where the file has it not. */
static bool take(struct split_unit *s, const struct wasm_module *file, Dwarf_Die *skeleton, uint64_t id,
                 const struct wasm_module *module, const char **why, struct error *err)
{
    struct elf_section sections[ELF_SECTIONS_MAX];
    unsigned count;
    if (!package_possible(file)) {
        *why = "has no such part";
        return true;
    }
    *why = "has no part of this build";
    if (!package_find(file, id, &s->made, sections, &count))
        return !s->made.failed || error_no_memory(err);
    if (!add_rest(s, sections, &count, skeleton, module) || !elf_image_put(sections, count, &s->image, err))
        return error_no_memory(err);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(sections[i].name, ".debug_rnglists") == 0)
            s->lists = sections[i];
    s->elf = elf_memory((char *)s->image.data, s->image.size);
    s->dwarf = s->elf ? dwarf_begin_elf(s->elf, DWARF_C_READ, NULL) : NULL;
    if (!s->dwarf || !find_unit(s, id))
        forget(s);
    return true;
}

/* The same of a file by its path, which is given up. */
static bool take_path(struct split_unit *s, char *path, Dwarf_Die *skeleton, uint64_t id,
                      const struct wasm_module *module, const char **why, struct error *err)
{
    struct error ignored = ERROR_INIT;
    if (!path)
        return error_no_memory(err);
    bool ok = true;
    buf_release(&s->file);
    wasm_module_release(&s->module);
    if (infile_read_regular(path, &s->file, &ignored)) {
        if (wasm_module_read(&s->module, s->file.data, s->file.size, &ignored))
            ok = take(s, &s->module, skeleton, id, module, why, err);
        else
            *why = "is no WebAssembly module";
    }
    free(path);
    return ok;
}

static char *join(const char *folder, const char *name)
{
    char *path;
    const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

/* Where DWARF says, and beside the file with the rest, where builds are that were moved. */
static bool look_for(struct split_unit *s, const struct split_files *files, Dwarf_Die *skeleton,
                     const struct split_name *n, const struct wasm_module *module, const char **why, struct error *err)
{
    const char *slash = strrchr(n->name, '/');
    if (*n->name == '/') {
        if (!take_path(s, strdup(n->name), skeleton, n->id, module, why, err))
            return false;
    } else {
        if (!take_path(s, join(files->folder, n->name), skeleton, n->id, module, why, err))
            return false;
        if (!s->dwarf && n->folder && !take_path(s, join(n->folder, n->name), skeleton, n->id, module, why, err))
            return false;
    }
    return s->dwarf || !slash || take_path(s, join(files->folder, slash + 1), skeleton, n->id, module, why, err);
}

/* Takes the package of that path, which is given up, if there is one. */
static void take_package(struct split_files *f, char *path)
{
    struct error ignored = ERROR_INIT;
    if (path && !f->package && infile_read_regular(path, &f->bytes, &ignored) &&
        wasm_module_read(&f->found, f->bytes.data, f->bytes.size, &ignored) && package_possible(&f->found))
        f->package = &f->found;
    if (!f->package) {
        wasm_module_release(&f->found);
        buf_release(&f->bytes);
    }
    free(path);
}

bool split_files_open(struct split_files *f, const char *path, const struct wasm_module *package, struct error *err)
{
    *f = (struct split_files){.package = package};
    buf_init(&f->bytes, FILE_MAX);
    if (!path)
        return true;
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    f->folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
    char *whole = NULL, *stem = NULL;
    if (!f->folder || asprintf(&whole, "%s.dwp", path) < 0)
        return error_no_memory(err); /* what asprintf has left in `whole` is not known */
    if (dot && (!slash || dot > slash) && asprintf(&stem, "%.*s.dwp", (int)(dot - path), path) < 0) {
        free(whole);
        return error_no_memory(err);
    }
    take_package(f, whole);
    take_package(f, stem);
    return true;
}

void split_files_release(struct split_files *f)
{
    free(f->folder);
    wasm_module_release(&f->found);
    buf_release(&f->bytes);
    *f = (struct split_files){.folder = NULL};
}

bool split_unit_open(struct split_unit **out, const struct split_files *files, Dwarf_Die *skeleton,
                     const struct wasm_module *module, const char **why, struct error *err)
{
    struct split_name name;
    *out = NULL;
    *why = "is not there";
    if (!split_name_of(skeleton, &name))
        return true;
    struct split_unit *s = calloc(1, sizeof *s);
    if (!s)
        return error_no_memory(err);
    buf_init(&s->file, FILE_MAX);
    buf_init(&s->made, SIZE_MAX / 2);
    buf_init(&s->ranges, SIZE_MAX / 2);
    buf_init(&s->image, SIZE_MAX / 2);
    bool ok = !files->package || take(s, files->package, skeleton, name.id, module, why, err);
    if (ok && !s->dwarf && files->folder)
        ok = look_for(s, files, skeleton, &name, module, why, err);
    if (ok && s->dwarf) {
        if (dwarf_lowpc(skeleton, &s->base) != 0)
            s->base = 0;
        *out = s;
    } else {
        split_unit_close(s);
    }
    return ok;
}

void split_unit_close(struct split_unit *s)
{
    if (!s)
        return;
    forget(s);
    wasm_module_release(&s->module);
    buf_release(&s->file);
    free(s);
}

Dwarf_Die split_unit_die(const struct split_unit *s)
{
    return s->die;
}

/* Where a list of DWARF 5 begins, by its number: the table of offsets stands behind the section's header
 * (7.28), and counts from itself.  0: nowhere. */
static uint64_t list_offset(const struct elf_section *lists, uint64_t number)
{
    struct error ignored = ERROR_INIT;
    struct cursor c = cursor_over(lists->bytes, lists->size, &ignored);
    uint32_t length, low, high = 0;
    if (!cursor_u32_fixed(&c, "ranges", &length))
        return 0;
    const bool wide = length == UINT32_MAX;
    const size_t table = wide ? 20 : 12, entry = wide ? 8 : 4;
    c = cursor_over(lists->bytes, lists->size, &ignored);
    if (number >= lists->size || !cursor_skip(&c, table + (size_t)number * entry, "ranges") ||
        !cursor_u32_fixed(&c, "ranges", &low) || (wide && !cursor_u32_fixed(&c, "ranges", &high)))
        return 0;
    return table + (low | (uint64_t)high << 32);
}

static ptrdiff_t list_start(const struct split_unit *s, Dwarf_Die *die)
{
    enum { LEB_MAX = 5 };
    Dwarf_Attribute attribute;
    struct error ignored = ERROR_INIT;
    uint64_t start = 0;
    uint32_t number;
    if (!dwarf_attr(die, DW_AT_ranges, &attribute))
        return -1;
    if (dwarf_whatform(&attribute) == DW_FORM_rnglistx) { /* dwarf_formudata of libdw 0.188 gives the number itself */
        struct cursor c = cursor_over(attribute.valp, LEB_MAX, &ignored);
        start = cursor_leb_u32(&c, "ranges", &number) ? list_offset(&s->lists, number) : 0;
    } else if (number_of(die, DW_AT_ranges, &start) && s->is_old) {
        start += RANGES_FRONT;
    }
    return start > 1 && start < PTRDIFF_MAX ? (ptrdiff_t)start : -1; /* 0 and 1 have a meaning of their own to libdw */
}

ptrdiff_t split_unit_ranges(const struct split_unit *s, Dwarf_Die *die, ptrdiff_t offset, Dwarf_Addr *base,
                            Dwarf_Addr *low, Dwarf_Addr *high)
{
    if (!s || offset != 0 || !dwarf_hasattr(die, DW_AT_ranges))
        return dwarf_ranges(die, offset, base, low, high);
    ptrdiff_t start = list_start(s, die);
    *base = s->base;
    return start < 0 ? -1 : dwarf_ranges(die, start, base, low, high);
}
