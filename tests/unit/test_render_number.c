/* Numbers as text: floats must read back, and be as short as can be. */
#include "render/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t bits_of_single(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void test_f64_known(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {123456.789, "123456.789"},
        {100.0, "100.0"},
        {1e15, "1000000000000000.0"},
        {9007199254740993.0, "9007199254740992.0"},
        {1e16, "1e16"},
        {1.25e16, "1.25e16"},
        {0.0001, "0.0001"},
        {0.00012345, "0.00012345"},
        {0.00001, "1e-5"},
        {1e23, "1e23"},
        {9.5367431640625e-7, "9.5367431640625e-7"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {0x1p-44, "5.684341886080802e-14"}, /* the nearest of 16 digits, …801, reads back as its neighbour */
        {0x1p-1022 + 0x1p-1074, "2.225073858507202e-308"},
    };
    char text[NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        number_f64(text, bits_of(cases[i].value));
        assert_string_equal(text, cases[i].want);
    }
    number_f64(text, bits_of(INFINITY));
    assert_string_equal(text, "inf");
    number_f64(text, bits_of(-INFINITY));
    assert_string_equal(text, "-inf");
    number_f64(text, 0x7FF8000000000000);
    assert_string_equal(text, "nan:0x8000000000000");
    number_f64(text, 0xFFF0000000000001);
    assert_string_equal(text, "-nan:0x1");
    number_f64(text, UINT64_MAX);
    assert_string_equal(text, "-nan:0xfffffffffffff");
}

static void test_f32_known(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *want;
    } cases[] = {
        {0.0f, "0.0"},
        {-0.0f, "-0.0"},
        {1.0f, "1.0"},
        {0.1f, "0.1"},
        {16777216.0f, "16777216.0"},
        {3.4028235e38f, "3.4028235e38"},
        {1e-45f, "1e-45"},
        {0.3f, "0.3"},
        {1e10f, "10000000000.0"},
        {-7.038531e-26f, "-7.038531e-26"},
        {0x1p-96f, "1.2621775e-29"},
    };
    char text[NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        number_f32(text, bits_of_single(cases[i].value));
        assert_string_equal(text, cases[i].want);
    }
    number_f32(text, 0x7F800000);
    assert_string_equal(text, "inf");
    number_f32(text, 0x7FC00000);
    assert_string_equal(text, "nan:0x400000");
    number_f32(text, 0xFF800001);
    assert_string_equal(text, "-nan:0x1");
    number_f32(text, 0xFFFFFFFF);
    assert_string_equal(text, "-nan:0x7fffff");
}

/* The significant digits of a decimal. */
static int significant(const char *text)
{
    int count = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && count == 0))
            continue;
        count++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return count - zeros;
}

/* Whether some decimal of so many digits reads back: the nearest one and the two beside it are tried, by arithmetic of
 * whole numbers on the digits. */
static bool any_reads_back(double value, bool single, int digits)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    char *e = strchr(text, 'e');
    int exponent = atoi(e + 1) - (digits - 1);
    *e = '\0';
    uint64_t whole = 0;
    for (const char *p = text; *p; p++) {
        if (*p != '.')
            whole = whole * 10 + (uint64_t)(*p - '0');
    }
    for (uint64_t n = whole - 1; n <= whole + 1; n++) {
        snprintf(text, sizeof text, "%" PRIu64 "e%d", n, exponent);
        if (single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value)
            return true;
    }
    return false;
}

static void check_finite(const char *text, double value, bool single)
{
    double back = single ? (double)strtof(text, NULL) : strtod(text, NULL);
    if (bits_of(back) != bits_of(value))
        fail_msg("%a came out as %s", value, text);
    assert_true(strchr(text, '.') || strchr(text, 'e'));
    assert_true(strlen(text) < NUMBER_SIZE);
    int digits = significant(text);
    if (digits > 1 && any_reads_back(fabs(value), single, digits - 1))
        fail_msg("%a: %s is not the shortest", value, text);
}

static void test_f64_round_trip(void **state)
{
    (void)state;
    srand(1);
    for (int i = 0; i < 40000; i++) {
        uint64_t bits = (uint64_t)rand() << 33 ^ (uint64_t)rand() << 16 ^ (uint64_t)rand();
        if (i % 4 == 0)
            bits &= UINT64_MAX << 52; /* powers of two: the asymmetric case */
        else if (i % 4 == 1)
            bits = bits_of((double)(rand() % 1000000) / (double)(rand() % 1000 + 1));
        else if (i % 64 == 2)
            bits &= ~((uint64_t)0x7FF << 52); /* subnormal */
        char text[NUMBER_SIZE];
        number_f64(text, bits);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value)) {
            const char *payload = strstr(text, "nan:0x");
            assert_non_null(payload);
            assert_true(strtoull(payload + 6, NULL, 16) == (bits & (UINT64_MAX >> 12)));
            assert_true((text[0] == '-') == (bits >> 63));
        } else if (!isinf(value)) {
            check_finite(text, value, false);
        }
    }
}

static void test_f32_round_trip(void **state)
{
    (void)state;
    srand(2);
    for (int i = 0; i < 40000; i++) {
        uint32_t bits = (uint32_t)rand() << 11 ^ (uint32_t)rand();
        if (i < 2 * 255)
            bits = (uint32_t)i << 23; /* every power of two, of both signs */
        char text[NUMBER_SIZE];
        number_f32(text, bits);
        float value;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value)) {
            const char *payload = strstr(text, "nan:0x");
            assert_non_null(payload);
            assert_true(strtoul(payload + 6, NULL, 16) == (bits & 0x7FFFFF));
        } else if (!isinf(value)) {
            check_finite(text, (double)value, true);
        }
    }
}

static void test_for_people(void **state)
{
    (void)state;
    char text[NUMBER_SIZE];
    static const struct {
        uint64_t value;
        const char *grouped, *bytes;
    } cases[] = {
        {0, "0", "0 bytes"},
        {1, "1", "1 byte"},
        {999, "999", "999 bytes"},
        {1000, "1,000", "1000 bytes"},
        {1023, "1,023", "1023 bytes"},
        {1024, "1,024", "1.0 KiB"},
        {123456, "123,456", "120.6 KiB"},
        {1048524, "1,048,524", "1023.9 KiB"},
        {1048525, "1,048,525", "1.0 MiB"}, /* never 1024.0 KiB */
        {UINT64_MAX, "18,446,744,073,709,551,615", "16.0 EiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        number_grouped(text, cases[i].value);
        assert_string_equal(text, cases[i].grouped);
        number_bytes(text, cases[i].value);
        assert_string_equal(text, cases[i].bytes);
    }
    static const struct {
        double share;
        const char *want;
    } shares[] = {{0, "0%"},        {1e-9, "<0.1%"},  {0.0004, "<0.1%"},  {0.001, "0.1%"},
                  {0.125, "12.5%"}, {0.999, "99.9%"}, {0.9996, ">99.9%"}, {1, "100%"}};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        number_share(text, shares[i].share);
        assert_string_equal(text, shares[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f64_known),      cmocka_unit_test(test_f32_known),  cmocka_unit_test(test_f64_round_trip),
        cmocka_unit_test(test_f32_round_trip), cmocka_unit_test(test_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
