#include "analyze/symbols.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* An entry of /proc/self/pagemap: Linux, Documentation/admin-guide/mm/pagemap.rst. */
#define PAGE_PRESENT (UINT64_C(1) << 63)
#define PAGE_SWAPPED (UINT64_C(1) << 62)

enum { PAGES_AT_ONCE = 512 };

/* What the system says of so many pages; where it says nothing, they may have been touched. */
static void read_entries(int pagemap, const uint8_t *page, size_t count, uint64_t entries[PAGES_AT_ONCE])
{
    off_t at = (off_t)((uintptr_t)page / SYMBOL_PAGE * sizeof *entries);
    size_t size = count * sizeof *entries;
    if (pagemap >= 0 && pread(pagemap, entries, size, at) == (ssize_t)size)
        return;
    for (size_t i = 0; i < count; i++)
        entries[i] = PAGE_PRESENT;
}

bool symbol_map_make(struct symbol_map *map, const uint8_t *memory, uint64_t size, uint64_t certain)
{
    size_t pages = size / SYMBOL_PAGE;
    uint64_t entries[PAGES_AT_ONCE];
    *map = (struct symbol_map){.pages = malloc((pages + 1) * sizeof *map->pages)};
    if (!map->pages)
        return false;
    int pagemap = sysconf(_SC_PAGESIZE) == SYMBOL_PAGE ? open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC) : -1;
    for (size_t i = 0; i < pages; i++) {
        if (i % PAGES_AT_ONCE == 0)
            read_entries(pagemap, memory + i * SYMBOL_PAGE, pages - i < PAGES_AT_ONCE ? pages - i : PAGES_AT_ONCE,
                         entries);
        if (i * SYMBOL_PAGE < certain || entries[i % PAGES_AT_ONCE] & (PAGE_PRESENT | PAGE_SWAPPED))
            map->pages[map->count++] = (uint32_t)i;
    }
    if (pagemap >= 0)
        close(pagemap);
    return map->count <= SYMBOL_BYTES / SYMBOL_PAGE;
}

void symbol_map_release(struct symbol_map *map)
{
    free(map->pages);
    *map = (struct symbol_map){0};
}

void symbol_map_put(const struct symbol_map *map, struct planes *p)
{
    for (size_t n = 0; n < map->count; n++) {
        uint64_t at = (uint64_t)map->pages[n] * SYMBOL_PAGE;
        mark *touch = plane_marks(p->plane[PLANE_TOUCH] + at), *writer = plane_marks(p->plane[PLANE_WRITER] + at);
        for (uint32_t i = 0; i < SYMBOL_PAGE / GRANULE; i++)
            touch[i] = writer[i] = symbol_make((uint32_t)n * SYMBOL_PAGE + i * GRANULE);
    }
    p->symbols = true;
}
