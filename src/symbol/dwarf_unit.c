#include "symbol/dwarf_unit.h"

#include "base/path.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dwarf_unit_init(struct dwarf_unit *u, Dwarf_Die *die, size_t index, const struct dwarf_unit *before)
{
    Dwarf_Attribute attribute;
    Dwarf_Word program;
    *u = (struct dwarf_unit){.die = *die, .program = DWARF_NO_LINES, .same = index};
    if (dwarf_formudata(dwarf_attr(die, DW_AT_stmt_list, &attribute), &program) == 0 && program <= INT64_MAX)
        u->program = (int64_t)program;
    if (before && u->program != DWARF_NO_LINES && before->program == u->program)
        u->same = before->same;
}

void dwarf_unit_release(struct dwarf_unit *u)
{
    for (size_t i = 0; u->paths && i < u->file_count; i++)
        free(u->paths[i]);
    free(u->paths);
    split_unit_close(u->split);
    *u = (struct dwarf_unit){.is_read = false};
}

/* The name without a folder in front of one that is absolute: libdw puts folders before names that do not begin with a slash, so
 * before `C:\\a.c` as well. */
static const char *without_folder(const char *name, const char *folder)
{
    size_t n = folder ? strlen(folder) : 0;
    bool joined = n && strncmp(name, folder, n) == 0;
    if (joined && name[n] == '/')
        n++;
    return joined && name[n - 1] == '/' && path_is_absolute(name + n) ? name + n : name;
}

static const char *without_folders(Dwarf_Die *unit, const char *name, const char *comp_dir)
{
    Dwarf_Files *files;
    const char *const *folders;
    size_t count;
    name = without_folder(name, comp_dir);
    if (dwarf_getsrcfiles(unit, &files, &count) == 0 && dwarf_getsrcdirs(files, &folders, &count) == 0)
        for (size_t i = 0; i < count; i++)
            name = without_folder(name, folders[i]);
    return name;
}

/* What libdw gives counts from the folder of the compilation, unless that is part of it already. */
char *dwarf_full_path(Dwarf_Die *unit, const char *name)
{
    Dwarf_Attribute attribute;
    const char *folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    name = without_folders(unit, name, folder);
    while (name[0] == '.' && path_same(name[1], '/', folder && path_is_windows(folder)))
        name += 2;
    /* A build may hide its folder: compilers are told to write `.` then. */
    if (path_is_absolute(name) || !folder || !path_is_absolute(folder))
        return strdup(name);
    char *path;
    return asprintf(&path, "%s%s%s", folder, *path_base(folder) ? "/" : "", name) < 0 ? NULL : path;
}

static void read_files(struct dwarf_unit *u)
{
    u->is_read = true;
    if (dwarf_getsrcfiles(&u->die, &u->files, &u->file_count) == 0)
        return;
    u->file_count = 0;
    u->is_broken = dwarf_hasattr(&u->die, DW_AT_stmt_list) != 0;
}

const char *dwarf_unit_path(struct dwarf_unit *u, size_t index)
{
    if (!u->is_read)
        read_files(u);
    if (index >= u->file_count)
        return NULL;
    if (!u->paths)
        u->paths = calloc(u->file_count, sizeof *u->paths);
    const char *name = dwarf_filesrc(u->files, index, NULL, NULL);
    if (u->paths && !u->paths[index] && name)
        u->paths[index] = dwarf_full_path(&u->die, name);
    u->failed = u->failed || !u->paths || (name && !u->paths[index]);
    return u->paths ? u->paths[index] : NULL;
}
