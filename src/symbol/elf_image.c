#include "symbol/elf_image.h"

#include <elf.h>
#include <string.h>

/* All but the locations of variables (.debug_loc, .debug_loclists), which are large and which nobody asks for. */
static const char *const section_names[] = {
    ".debug_info",        ".debug_abbrev", ".debug_line",   ".debug_line_str", ".debug_str",
    ".debug_str_offsets", ".debug_addr",   ".debug_ranges", ".debug_rnglists",
};

enum { WANTED = sizeof section_names / sizeof *section_names, HEADERS = WANTED + 2, ALIGN = 8 };

bool elf_image_possible(const struct wasm_module *module)
{
    const struct wasm_section *s = wasm_module_custom(module, ".debug_info");
    return s && s->items < s->end;
}

static bool pad(struct buf *out)
{
    static const uint8_t zeros[ALIGN];
    return buf_put(out, zeros, (ALIGN - out->size % ALIGN) % ALIGN);
}

/* Puts one section's bytes and fills its header. */
static bool put_section(struct buf *out, Elf64_Shdr *header, uint32_t type, const void *bytes, size_t size)
{
    if (!pad(out))
        return false;
    header->sh_type = type;
    header->sh_offset = out->size;
    header->sh_size = size;
    header->sh_addralign = 1;
    return buf_put(out, bytes, size);
}

/* The names of all sections stand in the last one, whose own name comes first. */
static bool put_names(struct buf *out, Elf64_Shdr *headers, Elf64_Half last)
{
    char names[512] = "\0.shstrtab"; /* larger than all names together */
    uint32_t size = sizeof "\0.shstrtab";
    headers[last].sh_name = 1;
    for (Elf64_Half i = 1; i < last; i++) { /* until now sh_name tells which name it is */
        const char *name = section_names[headers[i].sh_name];
        headers[i].sh_name = size;
        memcpy(names + size, name, strlen(name) + 1);
        size += (uint32_t)strlen(name) + 1;
    }
    return put_section(out, &headers[last], SHT_STRTAB, names, size);
}

bool elf_image_make(const struct wasm_module *module, struct buf *out, struct error *err)
{
    /* Addresses in the units have a size of their own; the image's class says nothing about them. */
    Elf64_Ehdr head = {.e_type = ET_EXEC,
                       .e_machine = EM_NONE,
                       .e_version = EV_CURRENT,
                       .e_ehsize = sizeof(Elf64_Ehdr),
                       .e_shentsize = sizeof(Elf64_Shdr)};
    memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS64;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_ident[EI_VERSION] = EV_CURRENT;
    Elf64_Shdr headers[HEADERS] = {{0}};
    Elf64_Half count = 1;
    bool ok = buf_put(out, &head, sizeof head);
    for (unsigned i = 0; i < WANTED && ok; i++) {
        const struct wasm_section *s = wasm_module_custom(module, section_names[i]);
        if (!s)
            continue;
        headers[count].sh_name = i;
        ok = put_section(out, &headers[count++], SHT_PROGBITS, s->items, (size_t)(s->end - s->items));
    }
    ok = ok && put_names(out, headers, count) && pad(out);
    head.e_shstrndx = count++;
    head.e_shnum = count;
    head.e_shoff = out->size;
    ok = ok && buf_put(out, headers, count * sizeof *headers);
    if (!ok)
        return error_no_memory(err);
    memcpy(out->data, &head, sizeof head);
    return true;
}
