/* The C library writes repetitions out when it compiles an expression: each + behind another doubles what it has, so that thirty of
 * them fill the machine.  Where a repetition is of something that may match nothing, it goes through all ways of matching nothing, which
 * are as many as there are subsets of its parts.  Back-references, which are not even part of extended expressions, make matching as
 * slow.  So all three are looked for first. */
#include "cli/expression.h"

#include <regex.h>
#include <stdint.h>
#include <string.h>

enum { REPEAT_MAX = 1 << 16 }; /* more than any library takes (RE_DUP_MAX) */

/* A group, or what a repetition would repeat. */
struct part {
    uint32_t atoms;
    bool may_be_empty;
};

struct group {
    uint32_t atoms;
    bool empty_branch;   /* a branch that has ended may match nothing */
    bool empty_so_far;   /* so may all of the present one, */
    bool empty_but_last; /* and that without its last part */
};

struct reading {
    const char *at;
    struct group open[EXPRESSION_MAX + 1]; /* the outermost first */
    size_t depth;
    struct part last; /* no atoms: none */
    const char *objection;
};

/* Behind a bracket expression, whose [ is at `at`; or behind that one, if it has no end. */
static const char *skip_bracket(const char *at)
{
    const char *p = at + 1;
    p += *p == '^';
    p += *p == ']';
    while (*p && *p != ']') {
        if (*p == '[' && p[1] && strchr(":.=", p[1])) { /* a class, a collating symbol */
            const char ends[] = {p[1], ']', '\0'};
            const char *end = strstr(p + 2, ends);
            p = end ? end + 2 : p + 1;
        } else {
            p++;
        }
    }
    return *p ? p + 1 : at + 1;
}

static const char *read_digits(const char *at, uint32_t *number)
{
    for (*number = 0; *at >= '0' && *at <= '9'; at++)
        if (*number < REPEAT_MAX)
            *number = *number * 10 + (uint32_t)(*at - '0');
    return at;
}

/* Behind {n}, {n,}, {n,m} or {,m}, or NULL; how often what stands before it is written out. */
static const char *read_interval(const char *at, uint32_t *least, uint32_t *times)
{
    uint32_t most;
    const char *p = read_digits(at + 1, least);
    most = *least;
    if (*p == ',') {
        const char *digits = p + 1;
        p = read_digits(digits, &most);
        if (p == digits)
            most = *least + 1;
    } else if (p == at + 1) {
        return NULL;
    }
    *times = most > *least ? most : *least;
    *times += *times == 0;
    return *p == '}' ? p + 1 : NULL;
}

static void add_part(struct reading *r, struct part part)
{
    struct group *g = &r->open[r->depth];
    g->atoms += part.atoms;
    g->empty_but_last = g->empty_so_far;
    g->empty_so_far &= part.may_be_empty;
    r->last = part;
}

static void open_group(struct reading *r)
{
    r->open[++r->depth] = (struct group){.atoms = 1, .empty_so_far = true};
    r->last = (struct part){0};
}

static void close_group(struct reading *r)
{
    struct group *g = &r->open[r->depth--];
    add_part(r, (struct part){g->atoms, g->empty_branch || g->empty_so_far});
}

static void end_branch(struct reading *r)
{
    struct group *g = &r->open[r->depth];
    g->atoms++;
    g->empty_branch |= g->empty_so_far;
    g->empty_so_far = true;
    r->last = (struct part){0};
}

static void repeat(struct reading *r, uint32_t least, uint32_t times)
{
    struct group *g = &r->open[r->depth];
    if (r->last.atoms == 0 || r->last.may_be_empty) {
        r->objection = "repeats what may be nothing";
        return;
    }
    uint64_t more = (uint64_t)r->last.atoms * (times - 1);
    more = more < EXPRESSION_MAX ? more : EXPRESSION_MAX;
    g->atoms += (uint32_t)more;
    r->last.atoms += (uint32_t)more;
    r->last.may_be_empty = least == 0;
    g->empty_so_far = g->empty_but_last && r->last.may_be_empty;
}

/* What a backslash and a character match: the C library has more anchors than ^ and $. */
static void take_escape(struct reading *r, char c)
{
    if (c >= '1' && c <= '9')
        r->objection = "has a back-reference";
    add_part(r, (struct part){1, c && strchr("bB<>`'", c)});
}

/* Takes one atom or operator. */
static void take(struct reading *r)
{
    uint32_t least, times;
    const char *behind = r->at + 1, *end;
    switch (*r->at) {
    case '\\':
        take_escape(r, *behind);
        behind += *behind != '\0';
        break;
    case '[':
        behind = skip_bracket(r->at);
        add_part(r, (struct part){1, false});
        break;
    case '(':
        open_group(r);
        break;
    case '|':
        end_branch(r);
        break;
    case '*':
    case '?':
        repeat(r, 0, 1);
        break;
    case '+':
        repeat(r, 1, 2);
        break;
    case '{':
        end = read_interval(r->at, &least, &times);
        if (end) {
            behind = end;
            repeat(r, least, times);
            break;
        }
        add_part(r, (struct part){1, false});
        break;
    default:
        if (*r->at == ')' && r->depth)
            close_group(r);
        else
            add_part(r, (struct part){1, strchr("^$", *r->at) != NULL});
    }
    r->at = behind;
}

/* NULL, or what is wrong. */
static const char *objection(const char *word)
{
    struct reading r = {.at = word, .open = {{.empty_so_far = true}}};
    if (strlen(word) > EXPRESSION_MAX)
        return "is too long";
    while (*r.at && !r.objection) {
        take(&r);
        if (r.open[r.depth].atoms > EXPRESSION_MAX)
            return "repeats too much";
    }
    if (r.objection)
        return r.objection;
    regex_t expression;
    if (regcomp(&expression, word, REG_EXTENDED | REG_NOSUB))
        return "is no regular expression";
    regfree(&expression);
    return NULL;
}

bool expression_check(const char *option, const char *word, struct error *err)
{
    const char *why = objection(word);
    return !why || error_set(err, ERROR_USAGE, "--%s: '%.200s' %s", option, word, why);
}
