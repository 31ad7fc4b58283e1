#include "symbol/dwarf.h"

#include "base/vec.h"
#include "symbol/dwarf_function.h"
#include "symbol/dwarf_name.h"
#include "symbol/dwarf_rows.h"
#include "symbol/dwarf_unit.h"
#include "symbol/elf_image.h"
#include "symbol/variables.h"

#include <dwarf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dwarf_info {
    struct buf image; /* libdw reads it, so it outlives the rest */
    Elf *elf;
    Dwarf *dwarf;
    const struct wasm_module *module, *running;
    const struct split_files *files;
    struct symbol_code code;
    const struct wasm_section *line_section; /* NULL: none */
    struct dwarf_unit *units;
    size_t unit_count, unit_capacity;
    struct dwarf_fits fits;
    struct dwarf_function *functions; /* as in fits; read once asked for */
    struct dwarf_rows *rows;          /* of the sequences of fits; read once asked for */
    size_t inlined_misfits;           /* of functions that were read */
    char **names;                     /* in words, and paths */
    size_t name_count, name_capacity;
    const char *fault;
    size_t lacking;   /* units whose rest was not found */
    char lack[480];   /* see dwarf_info_lack */
    char misfit[480]; /* see dwarf_info_misfit */
};

static const char entries_fault[] = "a unit's entries or lines cannot be read";

static bool open_lines(const struct dwarf_info *d, const struct dwarf_unit *u, struct line_program *p)
{
    uint8_t address_size = 4;
    Dwarf_Die ignored;
    dwarf_diecu((Dwarf_Die *)&u->die, &ignored, &address_size, NULL);
    return d->line_section &&
           line_program_open(p, d->line_section->items, (size_t)(d->line_section->end - d->line_section->items),
                             (uint64_t)u->program, address_size);
}

/* Opens the rest of a unit that is a skeleton. */
static bool open_split(struct dwarf_info *d, struct dwarf_unit *u, struct error *err)
{
    struct split_name name;
    const char *why;
    if (!split_name_of(&u->die, &name))
        return true;
    if (!split_unit_open(&u->split, d->files, &u->die, d->module, &why, err))
        return false;
    if (!u->split && d->lacking++ == 0)
        snprintf(d->lack, sizeof d->lack, "part of the debug information lies in '%.300s', which %s", name.name, why);
    return true;
}

/* The entry of a unit that has the others, in the file where they are. */
static Dwarf_Die whole_die(const struct dwarf_unit *u)
{
    return u->split ? split_unit_die(u->split) : u->die;
}

/* False and *err when memory is short. */
static bool add_unit(struct dwarf_info *d, Dwarf_Die *die, struct error *err)
{
    size_t index = d->unit_count;
    if (!vec_room((void **)&d->units, &d->unit_capacity, index, sizeof *d->units))
        return error_no_memory(err);
    struct dwarf_unit *u = &d->units[d->unit_count++];
    dwarf_unit_init(u, die, index, index ? u - 1 : NULL);
    bool broken = false;
    if (!open_split(d, u, err))
        return false;
    Dwarf_Die whole = whole_die(u);
    if (!dwarf_fits_add_functions(&d->fits, &whole, u->split, u->same, &broken))
        return error_no_memory(err);
    struct line_program p = {0};
    if (u->program != DWARF_NO_LINES && u->same == index) {
        broken |= !open_lines(d, u, &p);
        if (!broken && !dwarf_fits_add_sequences(&d->fits, &p, index))
            return error_no_memory(err);
        broken |= p.fault.code != ERROR_NONE;
    }
    if (broken)
        d->fault = entries_fault;
    return true;
}

static bool add_units(struct dwarf_info *d, struct error *err)
{
    Dwarf_Off offset = 0, next;
    size_t header;
    int result;
    Dwarf_Die die;
    while ((result = dwarf_nextcu(d->dwarf, offset, &next, &header, NULL, NULL, NULL)) == 0) {
        if (!dwarf_offdie(d->dwarf, offset + header, &die))
            d->fault = "a unit's header cannot be read";
        else if (!add_unit(d, &die, err))
            return false;
        if (next <= offset)
            break;
        offset = next;
    }
    if (result < 0)
        d->fault = "the list of units cannot be read";
    if (d->lacking > 1) {
        size_t said = strlen(d->lack);
        snprintf(d->lack + said, sizeof d->lack - said, "; so it is with %zu more files", d->lacking - 1);
    }
    if (!dwarf_fits_decide(&d->fits))
        return error_no_memory(err);
    if (!d->unit_count && !d->fault)
        d->fault = "it is about none of the module's code";
    d->functions = calloc(d->fits.functions.count + 1, sizeof *d->functions);
    d->rows = calloc(d->fits.sequences.count + 1, sizeof *d->rows);
    return (d->functions && d->rows) || error_no_memory(err);
}

bool dwarf_info_open(struct dwarf_info **out, const struct wasm_module *module, const struct wasm_module *running,
                     const struct split_files *files, struct error *err)
{
    struct dwarf_info *d = *out = calloc(1, sizeof *d);
    if (!d)
        return error_no_memory(err);
    d->module = module;
    d->files = files;
    d->code = symbol_code_of(running);
    d->running = running;
    d->fits.code = &d->code;
    d->line_section = wasm_module_custom(module, ".debug_line");
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
    for (size_t i = 0; d->functions && i < d->fits.functions.count; i++)
        dwarf_function_release(&d->functions[i]);
    for (size_t i = 0; d->rows && i < d->fits.sequences.count; i++)
        dwarf_rows_release(&d->rows[i]);
    for (size_t i = 0; i < d->name_count; i++)
        free(d->names[i]);
    free(d->names);
    free(d->units);
    free(d->functions);
    free(d->rows);
    dwarf_fits_release(&d->fits);
    dwarf_end(d->dwarf);
    elf_end(d->elf);
    buf_release(&d->image);
    free(d);
}

const char *dwarf_info_fault(const struct dwarf_info *d)
{
    return d->fault;
}

/* The file that a function is declared in, kept until the end: of its own entry, or of the one that it is a copy of, which may be in
 * another unit.  False when memory is short. */
static bool find_home(struct dwarf_info *d, Dwarf_Die *die, const char **home)
{
    Dwarf_Attribute attribute;
    Dwarf_Die unit;
    const char *file = dwarf_decl_file(die);
    if (!file || !dwarf_attr_integrate(die, DW_AT_decl_file, &attribute) ||
        dwarf_cu_info(attribute.cu, NULL, NULL, &unit, NULL, NULL, NULL, NULL) != 0)
        return true;
    char *path = dwarf_full_path(&unit, file);
    if (!path || !vec_room((void **)&d->names, &d->name_capacity, d->name_count, sizeof *d->names)) {
        free(path);
        return false;
    }
    *home = d->names[d->name_count++] = path;
    return true;
}

/* False when memory is short. */
static bool name_scope(struct dwarf_info *d, struct dwarf_scope *scope)
{
    if (scope->name)
        return true;
    size_t size;
    struct buf words;
    buf_init(&words, SIZE_MAX / 2);
    if (!dwarf_name_put(&words, &scope->die) || !buf_put_u8(&words, '\0') ||
        !vec_room((void **)&d->names, &d->name_capacity, d->name_count, sizeof *d->names)) {
        buf_release(&words);
        return false;
    }
    scope->name = d->names[d->name_count++] = (char *)buf_detach(&words, &size);
    return find_home(d, &scope->die, &scope->home);
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
static void place_of_call(struct dwarf_unit *u, struct dwarf_scope *inlined, struct symbol_frame *frame)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file;
    frame->line = number_of(&inlined->die, DW_AT_call_line);
    if (!frame->line)
        return;
    frame->column = number_of(&inlined->die, DW_AT_call_column);
    if (dwarf_formudata(dwarf_attr(&inlined->die, DW_AT_call_file, &attribute), &file) == 0)
        frame->file = dwarf_unit_path(u, file);
}

/* Line 0 is of no place in the source (DWARF 5, 6.2.2); the file beside it is whatever it was before. */
static void place_of_row(struct dwarf_unit *u, const struct line_row *row, struct symbol_frame *frame)
{
    if (!row->line || row->line > INT32_MAX)
        return;
    frame->file = dwarf_unit_path(u, row->file);
    frame->line = row->line;
    frame->column = row->column;
}

/* The innermost place, and the row that tells it, or NULL.  False when memory is short. */
static bool find_row(struct dwarf_info *d, size_t body, uint64_t code_off, struct symbol_frame *frame,
                     const struct line_row **row)
{
    *row = NULL;
    const struct dwarf_extent *sequence = dwarf_fits_sequence(&d->fits, body, code_off);
    if (!sequence)
        return true;
    struct dwarf_rows *rows = &d->rows[sequence - d->fits.sequences.items];
    struct dwarf_unit *u = &d->units[sequence->unit];
    struct line_program p;
    if (!rows->is_read && open_lines(d, u, &p)) {
        line_program_seek(&p, sequence->program);
        if (!dwarf_rows_read(rows, &p))
            return false;
    }
    *row = dwarf_rows_find(rows, code_off - d->fits.shift);
    if (*row)
        place_of_row(u, *row, frame);
    if (u->is_broken)
        d->fault = entries_fault;
    return !u->failed;
}

/* The functions around an instruction.  False when memory is short. */
static bool find_functions(struct dwarf_info *d, size_t body, uint64_t code_off, const struct line_row *row,
                           struct symbol_frame *frames, size_t *depth)
{
    int32_t index = d->fits.function_of[body];
    if (index == FITS_NONE)
        return true;
    struct dwarf_extent *e = &d->fits.functions.items[index];
    struct dwarf_function *f = &d->functions[index];
    struct dwarf_unit *u = &d->units[e->unit];
    struct dwarf_scope *chain[SYMBOL_FRAMES_MAX];
    if (!f->scopes) {
        if (!dwarf_function_read(f, e, code_body_start(&d->code, body), code_body_end(&d->code, body), d->fits.shift))
            return false;
        d->inlined_misfits += f->misfits;
    }
    if (f->is_broken)
        d->fault = entries_fault;
    *depth = dwarf_function_chain(f, code_off, row, chain, SYMBOL_FRAMES_MAX);
    memset(frames + 1, 0, (*depth - 1) * sizeof *frames);
    for (size_t i = 0; i < *depth; i++) {
        if (!name_scope(d, chain[i]))
            return false;
        frames[i].function = *chain[i]->name ? chain[i]->name : NULL;
        frames[i].home = chain[i]->home;
        if (i + 1 < *depth)
            place_of_call(u, chain[i], &frames[i + 1]);
    }
    return !u->failed;
}

bool dwarf_info_frames(struct dwarf_info *d, uint64_t code_off, struct symbol_frame *frames, size_t *count,
                       const char **why, struct error *err)
{
    *count = 0;
    *why = "its function has no debug information";
    size_t body = code_body_at(&d->code, code_off), depth = 0;
    if (body == d->code.count || !d->fits.function_of)
        return true;
    if (d->fits.is_other[body])
        *why = "the debug information there is about other code";
    memset(frames, 0, sizeof *frames);
    const struct line_row *row;
    if (!find_row(d, body, code_off, frames, &row) || !find_functions(d, body, code_off, row, frames, &depth))
        return error_no_memory(err);
    *count = depth ? depth : row != NULL;
    if (!*count)
        return true;
    *why = row && !frames[0].line ? "the compiler made the code without a line"
           : !frames[0].file      ? "the debug information has no line for it"
                                  : NULL;
    return true;
}

static const char cause[] =
    "a tool rewrote the module behind the linker (wasm-opt keeps debug information with -g only; "
    "clang runs it by itself when it is in PATH)";

const char *dwarf_info_lack(const struct dwarf_info *d)
{
    return *d->lack ? d->lack : NULL;
}

const char *dwarf_info_misfit(struct dwarf_info *d)
{
    const struct dwarf_fits *f = &d->fits;
    if (d->unit_count && !f->told) /* wasm-opt 108 leaves zeros */
        snprintf(d->misfit, sizeof d->misfit, "the debug information is about none of the module's code: %s", cause);
    else if (f->misfits && f->misfits == f->told)
        snprintf(d->misfit, sizeof d->misfit, "the debug information is about other code and is not shown: %s", cause);
    else if (f->misfits)
        snprintf(d->misfit, sizeof d->misfit,
                 "the debug information of %zu of %zu functions (%.1f%% of the code) is about other code and is not "
                 "shown: %s",
                 f->misfits, f->told, 100.0 * (double)f->other_bytes / (double)f->code_bytes, cause);
    else if (d->inlined_misfits)
        snprintf(d->misfit, sizeof d->misfit,
                 "a tool rewrote the module behind the linker and lost where %zu inlined functions end: some places "
                 "may be shown "
                 "in the function around the right one",
                 d->inlined_misfits);
    else
        return NULL;
    return d->misfit;
}

bool dwarf_info_variables(struct dwarf_info *d, struct symbol_variables *out, struct symbol_variables *frames,
                          struct error *err)
{
    size_t of_threads = 0;
    struct symbol_data data;
    bool ok = symbol_data_read(&data, d->running, NULL, err);
    for (size_t i = 0; i < d->unit_count && ok; i++) {
        Dwarf_Die whole = whole_die(&d->units[i]);
        ok = variables_read(out, frames, &whole, &data, &of_threads, &d->fault, err);
    }
    symbol_data_release(&data);
    if (of_threads && !*d->lack)
        snprintf(d->lack, sizeof d->lack, "each thread has its own copy of %zu variables, which have no names here",
                 of_threads);
    return ok;
}

bool dwarf_info_names_function(struct dwarf_info *d, bool (*fits)(void *self, const char *name), void *self,
                               bool *found, struct error *err)
{
    *found = false;
    for (size_t i = 0; i < d->unit_count && !*found; i++) {
        Dwarf_Die whole = whole_die(&d->units[i]);
        if (!dwarf_name_find(&whole, fits, self, found))
            return error_no_memory(err);
    }
    return true;
}

const char *dwarf_info_function(const struct dwarf_info *d, size_t body)
{
    int32_t function = body < d->code.count && d->fits.function_of ? d->fits.function_of[body] : FITS_NONE;
    return function == FITS_NONE ? NULL : dwarf_name_linkage(&d->fits.functions.items[function].die);
}
