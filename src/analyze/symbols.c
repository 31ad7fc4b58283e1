#include "analyze/symbols.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* An entry of /proc/self/pagemap: Linux, Documentation/admin-guide/mm/pagemap.rst. */
#define PAGE_PRESENT (UINT64_C(1) << 63)
#define PAGE_SWAPPED (UINT64_C(1) << 62)

/* What the system says of a page; where it says nothing, the page may have been touched. */
static bool is_resident(int pagemap, const uint8_t *page, uint64_t entries[512], size_t *known, size_t left)
{
    if (pagemap < 0)
        return true;
    if (*known == 0) {
        size_t n = left < 512 ? left : 512;
        off_t at = (off_t)((uintptr_t)page / SYMBOL_PAGE * sizeof *entries);
        if (pread(pagemap, entries, n * sizeof *entries, at) != (ssize_t)(n * sizeof *entries))
            return true;
        *known = n;
        for (size_t i = 0; i < n / 2; i++) { /* taken from the end */
            uint64_t other = entries[i];
            entries[i] = entries[n - 1 - i];
            entries[n - 1 - i] = other;
        }
    }
    return entries[--*known] & (PAGE_PRESENT | PAGE_SWAPPED);
}

bool symbol_map_make(struct symbol_map *map, const uint8_t *memory, uint64_t size, uint64_t certain)
{
    size_t pages = size / SYMBOL_PAGE, known = 0;
    uint64_t entries[512];
    *map = (struct symbol_map){.pages = malloc((pages + 1) * sizeof *map->pages)};
    if (!map->pages)
        return false;
    int pagemap = sysconf(_SC_PAGESIZE) == SYMBOL_PAGE ? open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC) : -1;
    for (size_t i = 0; i < pages; i++) {
        bool sure = i * SYMBOL_PAGE < certain;
        if (sure || is_resident(pagemap, memory + i * SYMBOL_PAGE, entries, &known, pages - i))
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
