#include "symbol/elf_image.h"

#include <elf.h>
#include <string.h>

/* All but the locations of variables (.debug_loc, .debug_loclists), which are large and which nobody asks for. */
static const char *const section_names[] = {
    ".debug_info", ".debug_types",       ".debug_abbrev", ".debug_line",   ".debug_line_str",
    ".debug_str",  ".debug_str_offsets", ".debug_addr",   ".debug_ranges", ".debug_rnglists",
};

enum { WANTED = sizeof section_names / sizeof *section_names, HEADERS = ELF_SECTIONS_MAX + 2, ALIGN = 8 };
_Static_assert((int)WANTED <= (int)ELF_SECTIONS_MAX, "all fit");

/* What a section's header says, whatever its class. */
struct header {
    uint32_t name, type;
    uint64_t offset, size;
};

bool elf_image_possible(const struct wasm_module *module)
{
    const struct wasm_section *s = wasm_module_custom(module, ".debug_info");
    return s && s->items < s->end;
}

/* Addresses are as wide as the first unit says (DWARF 5, 7.5.1; before it the size stands at the header's end).  libdw reads
 * those that are not in a unit, as in .debug_addr, as wide as the image's class says. */
static bool is_wide(const struct elf_section *info)
{
    const uint8_t *b = info->bytes;
    size_t length = info->size >= 4 && memcmp(b, "\xff\xff\xff\xff", 4) == 0 ? 12 : 4, word = length == 12 ? 8 : 4;
    if (info->size < length + word + 4)
        return false;
    unsigned version = b[length] | (unsigned)b[length + 1] << 8;
    return b[length + (version >= 5 ? 3 : 2 + word)] == 8;
}

static void put_number(struct buf *out, uint64_t value, unsigned bytes)
{
    for (; bytes; bytes--, value >>= 8)
        buf_put_u8(out, (uint8_t)value);
}

static void pad(struct buf *out)
{
    put_number(out, 0, (unsigned)((ALIGN - out->size % ALIGN) % ALIGN));
}

static void put_head(struct buf *out, bool wide, uint64_t headers_at, unsigned count)
{
    const unsigned word = wide ? 8 : 4;
    buf_put(out, ELFMAG, SELFMAG);
    buf_put_u8(out, wide ? ELFCLASS64 : ELFCLASS32);
    buf_put_u8(out, ELFDATA2LSB);
    buf_put_u8(out, EV_CURRENT);
    put_number(out, 0, EI_NIDENT - EI_OSABI);
    put_number(out, ET_EXEC, 2);
    put_number(out, EM_NONE, 2);
    put_number(out, EV_CURRENT, 4);
    put_number(out, 0, word); /* entry */
    put_number(out, 0, word); /* program headers */
    put_number(out, headers_at, word);
    put_number(out, 0, 4); /* flags */
    put_number(out, wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), 2);
    put_number(out, 0, 2);
    put_number(out, 0, 2);
    put_number(out, wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), 2);
    put_number(out, count, 2);
    put_number(out, count - 1, 2); /* the names are the last */
}

static void put_header(struct buf *out, bool wide, const struct header *h)
{
    const unsigned word = wide ? 8 : 4;
    put_number(out, h->name, 4);
    put_number(out, h->type, 4);
    put_number(out, 0, word); /* flags */
    put_number(out, 0, word); /* address */
    put_number(out, h->offset, word);
    put_number(out, h->size, word);
    put_number(out, 0, 4); /* link */
    put_number(out, 0, 4); /* info */
    put_number(out, 1, word);
    put_number(out, 0, word); /* size of entries */
}

/* Puts one section's bytes and fills its header. */
static void put_section(struct buf *out, struct header *header, uint32_t type, const void *bytes, size_t size)
{
    pad(out);
    header->type = type;
    header->offset = out->size;
    header->size = size;
    buf_put(out, bytes, size);
}

bool elf_image_put(const struct elf_section *sections, unsigned count, struct buf *out, struct error *err)
{
    struct header headers[HEADERS] = {{0}}; /* the first is none */
    char room[512];                         /* larger than all names together */
    struct buf names;
    bool wide = false;
    buf_init_over(&names, room, sizeof room);
    buf_put_u8(&names, '\0');
    put_head(out, false, 0, 1); /* a place for it */
    put_number(out, 0, sizeof(Elf64_Ehdr) - sizeof(Elf32_Ehdr));
    for (unsigned i = 0; i < count; i++) {
        headers[i + 1].name = (uint32_t)names.size;
        buf_put(&names, sections[i].name, strlen(sections[i].name) + 1);
        put_section(out, &headers[i + 1], SHT_PROGBITS, sections[i].bytes, sections[i].size);
        if (strcmp(sections[i].name, ".debug_info") == 0)
            wide = is_wide(&sections[i]);
    }
    headers[count + 1].name = (uint32_t)names.size;
    buf_put_text(&names, ".shstrtab");
    buf_put_u8(&names, '\0');
    put_section(out, &headers[count + 1], SHT_STRTAB, names.data, names.size);
    pad(out);
    const uint64_t headers_at = out->size;
    for (unsigned i = 0; i < count + 2; i++)
        put_header(out, wide, &headers[i]);
    if (out->failed || names.failed)
        return error_no_memory(err);
    struct buf head;
    buf_init_over(&head, out->data, sizeof(Elf64_Ehdr));
    put_head(&head, wide, headers_at, count + 2);
    return true;
}

bool elf_image_make(const struct wasm_module *module, struct buf *out, struct error *err)
{
    struct elf_section sections[WANTED];
    unsigned count = 0;
    for (unsigned i = 0; i < WANTED; i++) {
        const struct wasm_section *s = wasm_module_custom(module, section_names[i]);
        if (s)
            sections[count++] = (struct elf_section){section_names[i], s->items, (size_t)(s->end - s->items)};
    }
    return elf_image_put(sections, count, out, err);
}
