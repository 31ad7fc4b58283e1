#include "render/number.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 17 }; /* of a double */

/* A positive number: d.ddd × 10^exponent. */
struct decimal {
    char digits[MAX_DIGITS + 1];
    int count;
    int exponent;
};

/* A positive, finite float or double. */
struct real {
    double value;
    bool single;
    bool power_of_two; /* the next number below is nearer than the next above */
};

static bool reads_back(const struct decimal *d, const struct real *x)
{
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%.*se%d", d->count, d->digits, d->exponent - d->count + 1);
    return x->single ? strtof(text, NULL) == (float)x->value : strtod(text, NULL) == x->value;
}

/* The nearest decimal of `count` digits. */
static void nearest(struct decimal *d, const struct real *x, int count)
{
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%.*e", count - 1, x->value);
    const char *p = text;
    d->count = 0;
    for (; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9' && d->count < MAX_DIGITS) /* all but the decimal point */
            d->digits[d->count++] = *p;
    }
    d->exponent = (int)strtol(p + 1, NULL, 10);
}

static void increment(struct decimal *d)
{
    int at = d->count - 1;
    while (at >= 0 && d->digits[at] == '9')
        d->digits[at--] = '0';
    if (at >= 0) {
        d->digits[at]++;
        return;
    }
    d->digits[0] = '1';
    d->exponent++;
}

/* Whether some decimal of `count` digits reads back; *d is then the nearest of them.  Where the numbers below lie
 * closer than those above, the nearest decimal may be below and miss while the one above it does not. */
static bool fits(struct decimal *d, const struct real *x, int count)
{
    nearest(d, x, count);
    if (reads_back(d, x))
        return true;
    if (!x->power_of_two)
        return false;
    increment(d);
    return reads_back(d, x);
}

/* What fits with some digits fits with more, so the least number of digits is found by halving. */
static void shortest(struct decimal *d, const struct real *x)
{
    int low = 1, high = x->single ? 9 : MAX_DIGITS;
    while (low < high) {
        int middle = (low + high) / 2;
        if (fits(d, x, middle))
            high = middle;
        else
            low = middle + 1;
    }
    fits(d, x, low);
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
}

static void print_decimal(char *text, const struct decimal *d)
{
    const char *digits = d->digits;
    int n = d->count, e = d->exponent;
    if (e < -4 || e >= 16)
        snprintf(text, NUMBER_SIZE - 1, "%c%s%.*se%d", digits[0], n > 1 ? "." : "", n - 1, digits + 1, e);
    else if (e < 0)
        snprintf(text, NUMBER_SIZE - 1, "0.%.*s%.*s", -e - 1, "000", n, digits);
    else if (e >= n - 1)
        snprintf(text, NUMBER_SIZE - 1, "%.*s%.*s.0", n, digits, e - n + 1, "000000000000000");
    else
        snprintf(text, NUMBER_SIZE - 1, "%.*s.%.*s", e + 1, digits, n - e - 1, digits + e + 1);
}

/* The number of these bits, whose sign has been printed already. */
static void print_real(char *text, const struct real *x)
{
    struct decimal d;
    if (x->value == 0) {
        strcpy(text, "0.0");
        return;
    }
    shortest(&d, x);
    print_decimal(text, &d);
}

void number_f32(char text[NUMBER_SIZE], uint32_t bits)
{
    if (bits >> 31)
        *text++ = '-';
    bits &= UINT32_MAX >> 1;
    uint32_t fraction = bits & 0x7FFFFF;
    if (bits >> 23 == 0xFF) {
        snprintf(text, NUMBER_SIZE - 1, fraction ? "nan:0x%" PRIx32 : "inf", fraction);
        return;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    print_real(text, &(struct real){.value = (double)value, .single = true, .power_of_two = fraction == 0});
}

void number_f64(char text[NUMBER_SIZE], uint64_t bits)
{
    if (bits >> 63)
        *text++ = '-';
    bits &= UINT64_MAX >> 1;
    uint64_t fraction = bits & (UINT64_MAX >> 12);
    if (bits >> 52 == 0x7FF) {
        snprintf(text, NUMBER_SIZE - 1, fraction ? "nan:0x%" PRIx64 : "inf", fraction);
        return;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    print_real(text, &(struct real){.value = value, .power_of_two = fraction == 0});
}

void number_grouped(char text[NUMBER_SIZE], uint64_t value)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, value);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *text++ = ',';
        *text++ = digits[i];
    }
    *text = '\0';
}

void number_bytes(char text[NUMBER_SIZE], uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        snprintf(text, NUMBER_SIZE, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
        return;
    }
    double scaled = (double)bytes / 1024;
    size_t unit = 0;
    for (; scaled >= 1023.95 && unit < 5; unit++) /* what would be printed as 1024.0 is 1.0 of the next unit */
        scaled /= 1024;
    unsigned tenths = (unsigned)(scaled * 10 + 0.5);
    snprintf(text, NUMBER_SIZE, "%u.%u %s", tenths / 10, tenths % 10, units[unit]);
}

void number_share(char text[NUMBER_SIZE], double share)
{
    unsigned tenths = share > 0 && share < 1 ? (unsigned)(share * 1000 + 0.5) : 0;
    if (share >= 1)
        strcpy(text, "100%");
    else if (share <= 0)
        strcpy(text, "0%");
    else if (tenths == 0)
        strcpy(text, "<0.1%");
    else if (tenths == 1000)
        strcpy(text, ">99.9%");
    else
        snprintf(text, NUMBER_SIZE, "%u.%u%%", tenths / 10, tenths % 10);
}

void number_lost(char text[NUMBER_LOST_SIZE], uint64_t lost, uint64_t recorded)
{
    char some[NUMBER_SIZE], all[NUMBER_SIZE], share[NUMBER_SIZE];
    uint64_t sum = lost + recorded < lost ? UINT64_MAX : lost + recorded;
    number_grouped(some, lost);
    number_grouped(all, sum);
    number_share(share, (double)lost / (double)sum);
    snprintf(text, NUMBER_LOST_SIZE, "%.30s of %.30s accesses were not recorded (%.10s)", some, all, share);
}
