#include "rewrite/asm.h"

#include "rewrite/emit.h"
#include "wasm/types.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 24, NAME_MAX_SIZE = 16 };

struct local {
    char name[NAME_MAX_SIZE];
    char type;
};

struct assembler {
    struct rewriter *rw;
    const struct asm_func *funcs;
    const struct asm_name *constants; /* each ends with a name that is NULL */
    const struct asm_memory *memories;
    const uint32_t *index;
    size_t at; /* the function that is being assembled */
    struct local locals[NAMES_MAX];
    unsigned local_count, param_count;
    struct buf *out;
};

static bool bad(struct assembler *a, const char *word)
{
    return error_set(a->rw->err, ERROR_ENGINE, "internal: function %s of the added code: '%s'", a->funcs[a->at].name,
                     word);
}

/* The next word of *text, without what follows; false at the end. */
static bool next_word(const char **text, char *word, size_t size)
{
    *text += strspn(*text, " ");
    size_t n = strcspn(*text, " ");
    if (n == 0 || n >= size)
        return false;
    memcpy(word, *text, n);
    word[n] = '\0';
    *text += n;
    return true;
}

static bool add_locals(struct assembler *a, const char *text, char *letters)
{
    char word[NAME_MAX_SIZE + 2];
    while (next_word(&text, word, sizeof word)) {
        char *colon = strchr(word, ':');
        if (!colon || a->local_count == NAMES_MAX)
            return bad(a, word);
        struct local *l = &a->locals[a->local_count++];
        *colon = '\0';
        strcpy(l->name, word);
        l->type = colon[1];
        if (letters)
            *letters++ = l->type;
    }
    if (letters)
        *letters = '\0';
    return true;
}

static bool put_local(struct assembler *a, enum wasm_opcode op, const char *name)
{
    for (unsigned i = 0; i < a->local_count; i++)
        if (strcmp(a->locals[i].name, name) == 0) {
            wasm_put_op_u32(a->out, op, i);
            return true;
        }
    return bad(a, name);
}

static bool find(const struct asm_name *names, const char *name, int64_t *value)
{
    for (; names->name; names++)
        if (strcmp(names->name, name) == 0) {
            *value = names->value;
            return true;
        }
    return false;
}

static bool put_constant(struct assembler *a, const char *word)
{
    bool wide = word[0] == '#';
    const char *text = word + wide;
    char *end;
    int64_t value = strtoll(text, &end, 0);
    if (*end && !find(a->constants, text, &value))
        return bad(a, word);
    if (wide)
        wasm_put_i64_const(a->out, value);
    else
        wasm_put_i32_const(a->out, (int32_t)value);
    return true;
}

static bool put_call(struct assembler *a, const char *name)
{
    for (size_t i = 0; i <= a->at; i++)
        if (strcmp(a->funcs[i].name, name) == 0) {
            wasm_put_op_u32(a->out, WASM_OP_CALL, a->index[i]);
            return true;
        }
    int64_t index;
    if (find(a->constants, name, &index)) {
        wasm_put_op_u32(a->out, WASM_OP_CALL, (uint32_t)index);
        return true;
    }
    return bad(a, name);
}

static bool put_instr(struct assembler *a, char *word)
{
    char *memory = strchr(word, '@');
    char *immediate = strchr(word, ':');
    if (memory)
        *memory++ = '\0';
    else if (immediate)
        *immediate++ = '\0';
    int op = 0;
    while (op < WASM_OPCODE_COUNT && strcmp(wasm_opcode_info((enum wasm_opcode)op)->name, word) != 0)
        op++;
    if (op == WASM_OPCODE_COUNT)
        return bad(a, word);
    wasm_put_op(a->out, (enum wasm_opcode)op);
    if (memory) {
        char *plus = strchr(memory, '+');
        if (plus)
            *plus++ = '\0';
        const struct asm_memory *m = a->memories;
        while (m->name && strcmp(m->name, memory) != 0)
            m++;
        if (!m->name)
            return bad(a, memory);
        wasm_put_memarg(a->out, 0, m->index, m->shift + (plus ? strtoull(plus, NULL, 0) : 0));
    } else if (wasm_opcode_info((enum wasm_opcode)op)->imm == IMM_BLOCK) {
        buf_put_u8(a->out, 0x40);
    } else if (immediate) {
        int64_t value;
        if (!find(a->constants, immediate, &value))
            value = strtoll(immediate, NULL, 0);
        wasm_put_u32(a->out, (uint64_t)value);
    }
    return true;
}

static bool put_word(struct assembler *a, char *word)
{
    switch (word[0]) {
    case '$':
        return put_local(a, WASM_OP_LOCAL_GET, word + 1);
    case '=':
        return put_local(a, WASM_OP_LOCAL_SET, word + 1);
    case '&':
        return put_local(a, WASM_OP_LOCAL_TEE, word + 1);
    case '#':
        return put_constant(a, word + 1);
    default:
        if (strncmp(word, "call:", 5) == 0)
            return put_call(a, word + 5);
        if (strncmp(word, "host:", 5) == 0)
            return emit_host_call(a->rw, a->out, (unsigned)strtoul(word + 5, NULL, 10));
        return put_instr(a, word);
    }
}

static uint8_t letter_type(char letter)
{
    return letter == 'i' ? WASM_TYPE_I32 : letter == 'l' ? WASM_TYPE_I64 : WASM_TYPE_V128;
}

static bool add_func(struct assembler *a, uint32_t *index)
{
    const struct asm_func *f = &a->funcs[a->at];
    char params[NAMES_MAX + 1], name[64] = "_trace_";
    a->local_count = 0;
    if (!add_locals(a, f->params, params))
        return false;
    a->param_count = a->local_count;
    strncat(name, f->name, sizeof name - strlen(name) - 1);
    if (!add_locals(a, f->locals, NULL) || !rewriter_add_func(a->rw, params, f->results, name, index, &a->out))
        return false;
    struct buf *body = a->out;
    struct buf code; /* rewriter_type may not move the body, but put_host must not write into a half-made one either */
    buf_init(&code, WASM_MAX_BODY_SIZE);
    a->out = &code;
    const char *text = f->text;
    char word[64];
    bool ok = true;
    while (ok && next_word(&text, word, sizeof word))
        ok = put_word(a, word);
    wasm_put_op(&code, WASM_OP_END);
    wasm_put_u32(body, a->local_count - a->param_count);
    for (unsigned i = a->param_count; i < a->local_count; i++) {
        wasm_put_u32(body, 1);
        buf_put_u8(body, letter_type(a->locals[i].type));
    }
    buf_put(body, code.data, code.size);
    ok = ok && ((!code.failed && !body->failed) || error_no_memory(a->rw->err));
    buf_release(&code);
    a->out = body;
    return ok;
}

bool asm_add_funcs(struct rewriter *rw, const struct asm_func *funcs, size_t count, const struct asm_name *constants,
                   const struct asm_memory *memories, uint32_t *index)
{
    struct assembler a = {.rw = rw, .funcs = funcs, .constants = constants, .memories = memories, .index = index};
    for (a.at = 0; a.at < count; a.at++)
        if (!add_func(&a, &index[a.at]))
            return false;
    return true;
}
