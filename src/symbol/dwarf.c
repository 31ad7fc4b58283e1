#include "symbol/dwarf.h"

#include "base/vec.h"
#include "symbol/demangle.h"
#include "symbol/dwarf_unit.h"
#include "symbol/elf_image.h"
#include "symbol/variables.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

struct dwarf_info {
    struct buf image; /* libdw reads it, so it outlives the rest */
    Elf *elf;
    Dwarf *dwarf;
    uint64_t code_size;
    struct dwarf_unit *units;
    size_t unit_count, unit_capacity;
    struct dwarf_ranges ranges; /* of units, sorted */
    char **names;               /* in words */
    size_t name_count, name_capacity;
    const char *fault;
};

static bool add_units(struct dwarf_info *d, struct error *err)
{
    Dwarf_Off offset = 0, next;
    size_t header;
    int result;
    while ((result = dwarf_nextcu(d->dwarf, offset, &next, &header, NULL, NULL, NULL)) == 0) {
        if (!vec_room((void **)&d->units, &d->unit_capacity, d->unit_count, sizeof *d->units))
            return error_no_memory(err);
        struct dwarf_unit *u = &d->units[d->unit_count];
        *u = (struct dwarf_unit){.is_read = false};
        bool broken = dwarf_offdie(d->dwarf, offset + header, &u->die) == NULL;
        if (!broken && !dwarf_add_ranges(&d->ranges, &u->die, d->unit_count, d->code_size, &broken))
            return error_no_memory(err);
        d->unit_count++;
        if (broken)
            d->fault = "a unit's header or ranges cannot be read";
        if (next <= offset)
            break;
        offset = next;
    }
    if (result < 0)
        d->fault = "the list of units cannot be read";
    else if (!d->ranges.count && !d->fault)
        d->fault = "it is about none of the module's code"; /* tools that rewrite code may leave it behind like that */
    dwarf_sort_ranges(d->ranges.items, d->ranges.count);
    return true;
}

bool dwarf_info_open(struct dwarf_info **out, const struct wasm_module *module, uint64_t code_size, struct error *err)
{
    struct dwarf_info *d = *out = calloc(1, sizeof *d);
    if (!d)
        return error_no_memory(err);
    d->code_size = code_size;
    buf_init(&d->image, SIZE_MAX / 2);
    if (!elf_image_make(module, &d->image, err))
        return false;
    elf_version(EV_CURRENT);
    d->elf = elf_memory((char *)d->image.data, d->image.size);
    d->dwarf = d->elf ? dwarf_begin_elf(d->elf, DWARF_C_READ, NULL) : NULL;
    if (!d->dwarf) {
        d->fault = "it cannot be read at all";
        return true;
    }
    return add_units(d, err);
}

void dwarf_info_close(struct dwarf_info *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->unit_count; i++)
        dwarf_unit_release(&d->units[i]);
    for (size_t i = 0; i < d->name_count; i++)
        free(d->names[i]);
    free(d->names);
    free(d->units);
    free(d->ranges.items);
    dwarf_end(d->dwarf);
    elf_end(d->elf);
    buf_release(&d->image);
    free(d);
}

const char *dwarf_info_fault(const struct dwarf_info *d)
{
    return d->fault;
}

/* The name in words, kept until the end; NULL when memory is short. */
static const char *keep_name(struct dwarf_info *d, const char *mangled)
{
    struct buf words;
    buf_init(&words, SIZE_MAX / 2);
    size_t size;
    if (vec_room((void **)&d->names, &d->name_capacity, d->name_count, sizeof *d->names) &&
        demangle_put(&words, mangled, strlen(mangled)) && buf_put_u8(&words, '\0'))
        return d->names[d->name_count++] = (char *)buf_detach(&words, &size);
    buf_release(&words);
    return NULL;
}

/* What a function is called.  A mangled name says more than DW_AT_name, which lacks namespaces and parameters; one that
 * is not mangled, or that nobody can read, says less. */
static bool name_scope(struct dwarf_info *d, struct dwarf_scope *scope)
{
    Dwarf_Die die;
    Dwarf_Attribute attribute;
    if (scope->name)
        return true;
    scope->name = "";
    if (!dwarf_offdie(d->dwarf, scope->die, &die))
        return true;
    const char *plain = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_name, &attribute));
    const char *linkage = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_linkage_name, &attribute));
    if (!linkage)
        linkage = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_MIPS_linkage_name, &attribute));
    if (linkage)
        scope->name = keep_name(d, linkage);
    if (scope->name && plain && (!linkage || strcmp(scope->name, linkage) == 0))
        scope->name = plain;
    return scope->name != NULL;
}

static uint32_t number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    if (dwarf_formudata(dwarf_attr(die, name, &attribute), &value) != 0 || value > UINT32_MAX)
        return 0;
    return (uint32_t)value;
}

/* Where an inlined function was called. */
static void place_of_call(struct dwarf_info *d, struct dwarf_unit *u, const struct dwarf_scope *inlined,
                          struct symbol_frame *frame)
{
    Dwarf_Die die;
    if (!dwarf_offdie(d->dwarf, inlined->die, &die))
        return;
    Dwarf_Attribute attribute;
    Dwarf_Word file;
    if (dwarf_formudata(dwarf_attr(&die, DW_AT_call_file, &attribute), &file) == 0)
        frame->file = dwarf_unit_path(u, file);
    frame->line = number_of(&die, DW_AT_call_line);
    frame->column = number_of(&die, DW_AT_call_column);
}

static void place_of_row(struct dwarf_unit *u, Dwarf_Line *row, struct symbol_frame *frame)
{
    int line = 0, column = 0;
    Dwarf_Files *files;
    size_t index;
    if (!row)
        return;
    if (dwarf_line_file(row, &files, &index) == 0 && files == u->files)
        frame->file = dwarf_unit_path(u, index);
    if (dwarf_lineno(row, &line) == 0 && line > 0)
        frame->line = (uint32_t)line;
    if (dwarf_linecol(row, &column) == 0 && column > 0 && frame->line)
        frame->column = (uint32_t)column;
}

bool dwarf_info_frames(struct dwarf_info *d, uint64_t code_off, struct symbol_frame *frames, size_t *count,
                       const char **why, struct error *err)
{
    *count = 0;
    *why = "its function has no debug information";
    const struct dwarf_range *range = dwarf_find_range(d->ranges.items, d->ranges.count, code_off);
    if (!range)
        return true;
    struct dwarf_unit *u = &d->units[range->index];
    if (!u->is_read && !dwarf_unit_read(u, d->code_size, err))
        return false;
    if (u->is_broken)
        d->fault = "a unit's entries or lines cannot be read";
    struct dwarf_scope *chain[SYMBOL_FRAMES_MAX];
    size_t depth = dwarf_unit_chain(u, code_off, chain, SYMBOL_FRAMES_MAX);
    memset(frames, 0, (depth ? depth : 1) * sizeof *frames);
    place_of_row(u, dwarf_unit_line(u, code_off), &frames[0]);
    for (size_t i = 0; i < depth; i++) {
        if (!name_scope(d, chain[i]))
            return error_no_memory(err);
        frames[i].function = *chain[i]->name ? chain[i]->name : NULL;
        if (i + 1 < depth)
            place_of_call(d, u, chain[i], &frames[i + 1]);
    }
    if (u->failed)
        return error_no_memory(err);
    *count = depth ? depth : frames[0].file != NULL;
    *why = frames[0].line && frames[0].file ? NULL
           : u->is_broken                   ? "the debug information is broken there"
           : frames[0].file                 ? "the compiler made the code without a line"
                                            : "the debug information has no line for it";
    return true;
}

bool dwarf_info_variables(struct dwarf_info *d, struct symbol_variables *out, struct symbol_variables *frames,
                          struct error *err)
{
    return variables_read(out, frames, d->dwarf, &d->fault, err);
}
