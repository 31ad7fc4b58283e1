/* Names come from name sections and DWARF, in words as libiberty makes them of mangled ones, or as another tool made them before.
 *
 * Sources of the suffixes: LLVM 19, ModuleSummaryIndex::getGlobalNameForLocal (.llvm.N), UniqueInternalLinkageNames (.__uniq.N),
 * HotColdSplitting (.cold.N), FunctionSpecialization (.specialized.N), and the linker of modules (.N); GCC 13, clone_function_name (.isra.N,
 * .constprop.N, .part.N, .lto_priv.N, .clone.N, .localalias.N, .cold); rustc's legacy and v0 symbol mangling (RFC 2603); Zig 0.13 (__anon_N) and 0.17 (__func_N). */
#include "report/function_name.h"

#include <string.h>

struct span {
    const char *start, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static bool ends_with(struct span s, const char *text)
{
    size_t size = strlen(text);
    return (size_t)(s.end - s.start) >= size && memcmp(s.end - size, text, size) == 0;
}

/* Whether a suffix, behind its dot, is one that compilers give to another copy of a function, or to a part of it. */
static bool is_clone_word(struct span s)
{
    static const char *const words[] = {"llvm",     "__uniq", "cold", "isra",       "constprop",  "part",
                                        "lto_priv", "clone",  "warm", "localalias", "specialized"};
    size_t size = (size_t)(s.end - s.start);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == size && memcmp(words[i], s.start, size) == 0)
            return true;
    return false;
}

/* rustc writes .llvm.N in hexadecimal, with @ before the last part; nobody else has letters there. */
static bool is_number(struct span s)
{
    for (const char *at = s.start; at < s.end; at++)
        if (!is_digit(*at) && !(*at >= 'A' && *at <= 'F') && *at != '@')
            return false;
    return s.end > s.start;
}

static const char *last_dot(struct span s)
{
    for (const char *at = s.end; at > s.start; at--)
        if (at[-1] == '.')
            return at - 1;
    return NULL;
}

/* A number alone may be the third closure of a Go function, which has a dot before it, or what a linker of LLVM's modules put behind a
 * static function that was not the only one of its name. */
static bool is_plain_word(struct span s)
{
    for (const char *at = s.start; at < s.end; at++)
        if (!is_word(*at))
            return false;
    return s.end > s.start;
}

/* Before `.word`, `.word.N` or `.N`; s.end where there is none. */
static const char *drop_dotted(struct span s)
{
    const char *dot = last_dot(s);
    if (!dot || dot == s.start)
        return s.end;
    struct span part = {dot + 1, s.end}, rest = {s.start, dot};
    if (is_clone_word(part))
        return dot;
    if (!is_number(part))
        return s.end;
    const char *before = last_dot(rest);
    if (before && before > s.start && is_clone_word((struct span){before + 1, dot}))
        return before;
    bool digits = true;
    for (const char *at = part.start; at < part.end; at++)
        digits = digits && is_digit(*at);
    return digits && is_plain_word(rest) ? dot : s.end;
}

/* Before ` [clone .word.N]`, as libiberty writes suffixes of mangled names, or ` (.word.N)`, as LLVM does. */
static const char *drop_bracketed(struct span s)
{
    bool clone = ends_with(s, "]");
    const char *open = clone ? " [clone " : " (", *at = s.end - 1;
    if (!clone && !ends_with(s, ")"))
        return s.end;
    while (at > s.start && (is_word(at[-1]) || at[-1] == '.' || at[-1] == '@'))
        at--;
    struct span rest = {s.start, at}, word = {at + 1, at + 1};
    while (word.end < s.end && is_word(*word.end))
        word.end++;
    if (*at != '.' || !ends_with(rest, open) || (!is_clone_word(word) && !is_number(word)))
        return s.end;
    return at - strlen(open);
}

/* Before Rust's `::h0123456789abcdef`. */
static const char *drop_hash(struct span s)
{
    enum { DIGITS = 16 };
    const char *at = s.end;
    while (at > s.start && is_hex(at[-1]) && s.end - at < DIGITS)
        at--;
    bool found = s.end - at == DIGITS && at - s.start > 3 && memcmp(at - 3, "::h", 3) == 0;
    return found ? at - 3 : s.end;
}

static const char *end_of(const char *name)
{
    struct span s = {name, name + strlen(name)};
    for (const char *end = NULL; end != s.end;) {
        end = s.end;
        s.end = drop_hash(s);
        s.end = drop_bracketed(s);
        s.end = drop_dotted(s);
    }
    return s.end;
}

/* How many bytes at `at` a build has put within the name: `[0123abcd]` of a crate in Rust's v0 names; the number of a type or of an
 * instance that has no name, in Zig's `hash_map.Wyhash__struct_1234`. */
static size_t number_within(const char *name, const char *at, const char *end)
{
    static const char *const kinds[] = {"__anon_", "__struct_", "__enum_", "__union_", "__opaque_", "__func_"};
    const char *p = at + 1;
    if (at == name)
        return 0;
    if (*at == '[' && is_word(at[-1])) {
        while (p < end && is_hex(*p))
            p++;
        return p > at + 1 && p - at <= 17 && end - p >= 3 && memcmp(p, "]::", 3) == 0 ? (size_t)(p + 1 - at) : 0;
    }
    for (size_t i = 0; is_digit(*at) && !is_digit(at[-1]) && i < sizeof kinds / sizeof *kinds; i++) {
        if (!ends_with((struct span){name, at}, kinds[i]) || !memchr(name, '.', (size_t)(at - name)))
            continue;
        while (p < end && is_digit(*p))
            p++;
        return p == end || !is_word(*p) ? (size_t)(p - at) : 0;
    }
    return 0;
}

bool function_name_is_plain(const char *name)
{
    const char *end = end_of(name);
    if (*end)
        return false;
    for (const char *at = name; at < end; at++)
        if ((*at == '[' || is_digit(*at)) && number_within(name, at, end))
            return false;
    return true;
}

bool function_name_put(struct buf *out, const char *name)
{
    const char *end = end_of(name), *from = name;
    for (const char *at = name; at < end;) {
        size_t drop = *at == '[' || is_digit(*at) ? number_within(name, at, end) : 0;
        if (drop) {
            buf_put(out, from, (size_t)(at - from));
            from = at + drop;
        }
        at += drop ? drop : 1;
    }
    return buf_put(out, from, (size_t)(end - from)) && !out->failed;
}

/* Whether `operator` stands before the end, as a word of its own. */
static bool is_operator(struct span s)
{
    return ends_with(s, "operator") && (s.end - s.start == 8 || !is_word(s.end[-9]));
}

/* The bracket that opens what the last byte closes, or NULL.  Brackets of other kinds do not count: they may be operators. */
static const char *opening(struct span s, char open, char close)
{
    size_t depth = 0;
    for (const char *at = s.end; at > s.start; at--) {
        bool arrow = close == '>' && at[-1] == '>' && at - 1 > s.start && (at[-2] == '-' || at[-2] == '=');
        depth += at[-1] == close && !arrow;
        if (at[-1] == open && --depth == 0)
            return at - 1;
        if (!depth)
            return NULL;
    }
    return NULL;
}

/* Before C++'s list of arguments, and what may stand behind it; s.end where there is none. */
static const char *drop_arguments(struct span s)
{
    static const char *const qualifiers[] = {" const", " volatile", "&", " noexcept", " "};
    struct span left = s;
    for (size_t i = 0; i < sizeof qualifiers / sizeof *qualifiers; i++)
        if (ends_with(left, qualifiers[i])) {
            left.end -= strlen(qualifiers[i]);
            i = SIZE_MAX; /* from the beginning */
        }
    if (!ends_with(left, ")"))
        return s.end;
    const char *open = opening(left, '(', ')');
    struct span rest = {s.start, open ? open : s.start};
    return rest.end > rest.start && !is_operator(rest) ? rest.end : s.end;
}

/* Before `<int>`, `::<u8>`, `[abi:v1]` at the end. */
static const char *drop_types(struct span s)
{
    const char *open = ends_with(s, ">") ? opening(s, '<', '>') : ends_with(s, "]") ? opening(s, '[', ']') : NULL;
    struct span rest = {s.start, open ? open : s.start};
    if (ends_with(rest, "::"))
        rest.end -= 2;
    else if (ends_with(rest, " ")) /* `operator< <int>` */
        rest.end--;
    bool symbol = rest.end > rest.start && !is_word(rest.end[-1]) && rest.end[-1] != '>' && rest.end[-1] != ')';
    const char *word = rest.end; /* before the symbols at its end */
    while (symbol && word > rest.start && !is_word(word[-1]))
        word--;
    if (rest.end == rest.start || is_operator(rest) || (symbol && !is_operator((struct span){s.start, word})))
        return s.end;
    return rest.end;
}

/* Behind a return type, which a blank outside of all brackets ends; s.start where there is none. */
static const char *drop_return(struct span s)
{
    size_t depth = 0;
    const char *start = s.start;
    for (const char *at = s.start; at < s.end; at++) {
        if (is_operator((struct span){s.start, at}))
            break; /* `operator new`, `operator<` */
        if (strchr("<([{", *at))
            depth++;
        else if (strchr(">)]}", *at) && depth)
            depth--;
        else if (*at == ' ' && !depth)
            start = at + 1;
    }
    return start;
}

static size_t add_form(struct function_name_form *forms, size_t count, const char *start, const char *end)
{
    const struct function_name_form form = {start, (size_t)(end - start)};
    for (size_t i = 0; i < count; i++)
        if (forms[i].text == form.text && forms[i].size == form.size)
            return count;
    forms[count] = form;
    return count + 1;
}

size_t function_name_forms(const char *name, struct function_name_form *forms)
{
    struct span s = {name, name + strlen(name)};
    const char *arguments = drop_arguments(s);
    const char *start = arguments < s.end ? drop_return((struct span){name, arguments}) : name;
    const char *types = drop_types((struct span){start, arguments});
    size_t count = add_form(forms, 0, name, s.end);
    count = add_form(forms, count, start, s.end);
    count = add_form(forms, count, name, arguments);
    count = add_form(forms, count, start, arguments);
    count = add_form(forms, count, name, types);
    return add_form(forms, count, start, types);
}
