/* Values of the script's language to and from the engine's. */
#include "host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_vector(const char *digits, uint8_t *bytes)
{
    if (strlen(digits) != 32)
        return false;
    for (int i = 0; i < 16; i++) {
        unsigned byte;
        if (sscanf(digits + 2 * i, "%2x", &byte) != 1)
            return false;
        bytes[i] = (uint8_t)byte;
    }
    return true;
}

static bool parse_reference(struct host *h, const char *kind, const char *text, wasmtime_val_t *value)
{
    bool null = !strcmp(text, "null");
    if (!strcmp(kind, "externref") || !strcmp(kind, "nullexternref")) {
        value->kind = WASMTIME_EXTERNREF;
        if (null)
            wasmtime_externref_set_null(&value->of.externref);
        else
            return wasmtime_externref_new(h->context, (void *)(uintptr_t)strtoul(text, NULL, 10), NULL,
                                          &value->of.externref);
        return true;
    }
    if (!null)
        return false;
    if (!strcmp(kind, "funcref") || !strcmp(kind, "nullfuncref")) {
        value->kind = WASMTIME_FUNCREF;
        wasmtime_funcref_set_null(&value->of.funcref);
    } else if (!strcmp(kind, "exnref") || !strcmp(kind, "nullexnref")) {
        value->kind = WASMTIME_EXNREF;
        wasmtime_exnref_set_null(&value->of.exnref);
    } else {
        value->kind = WASMTIME_ANYREF;
        wasmtime_anyref_set_null(&value->of.anyref);
    }
    return true;
}

bool value_parse(struct host *h, const char *text, wasmtime_val_t *value)
{
    *value = (wasmtime_val_t){0};
    char kind[32];
    const char *colon = strchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof kind)
        return false;
    memcpy(kind, text, (size_t)(colon - text));
    kind[colon - text] = '\0';
    const char *rest = colon + 1;
    uint64_t bits = strtoull(rest, NULL, 10);
    uint32_t low = (uint32_t)bits;
    if (!strcmp(kind, "i32")) {
        value->kind = WASMTIME_I32;
        value->of.i32 = (int32_t)low;
    } else if (!strcmp(kind, "i64")) {
        value->kind = WASMTIME_I64;
        value->of.i64 = (int64_t)bits;
    } else if (!strcmp(kind, "f32")) {
        value->kind = WASMTIME_F32;
        memcpy(&value->of.f32, &low, sizeof low);
    } else if (!strcmp(kind, "f64")) {
        value->kind = WASMTIME_F64;
        memcpy(&value->of.f64, &bits, sizeof bits);
    } else if (!strcmp(kind, "v128")) {
        value->kind = WASMTIME_V128;
        return parse_vector(rest, value->of.v128);
    } else {
        return parse_reference(h, kind, rest, value);
    }
    return true;
}

static void make_reference(const wasmtime_reftype_t *type, wasmtime_val_t *value)
{
    switch (type->heaptype.kind) {
    case WASMTIME_HEAPTYPE_KIND_EXTERN:
    case WASMTIME_HEAPTYPE_KIND_NOEXTERN:
        value->kind = WASMTIME_EXTERNREF;
        wasmtime_externref_set_null(&value->of.externref);
        return;
    case WASMTIME_HEAPTYPE_KIND_FUNC:
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC:
    case WASMTIME_HEAPTYPE_KIND_NOFUNC:
        value->kind = WASMTIME_FUNCREF;
        wasmtime_funcref_set_null(&value->of.funcref);
        return;
    case WASMTIME_HEAPTYPE_KIND_EXN:
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN:
    case WASMTIME_HEAPTYPE_KIND_NOEXN:
        value->kind = WASMTIME_EXNREF;
        wasmtime_exnref_set_null(&value->of.exnref);
        return;
    default:
        value->kind = WASMTIME_ANYREF;
        wasmtime_anyref_set_null(&value->of.anyref);
    }
}

void value_make(const wasm_valtype_t *type, unsigned number, wasmtime_val_t *value)
{
    *value = (wasmtime_val_t){0};
    wasmtime_valtype_t t;
    wasmtime_valtype_new(type, &t);
    value->kind = t.kind; /* of numbers and vectors the same */
    switch (t.kind) {
    case WASMTIME_VALTYPE_KIND_I32:
        value->of.i32 = (int32_t)number;
        break;
    case WASMTIME_VALTYPE_KIND_I64:
        value->of.i64 = (int64_t)number;
        break;
    case WASMTIME_VALTYPE_KIND_F32:
        value->of.f32 = (float)number;
        break;
    case WASMTIME_VALTYPE_KIND_F64:
        value->of.f64 = number;
        break;
    case WASMTIME_VALTYPE_KIND_V128:
        memset(value->of.v128, (int)number, sizeof value->of.v128);
        break;
    default:
        make_reference(&t.reftype, value);
    }
    wasmtime_valtype_delete(&t);
}

static void print_any(struct host *h, const wasmtime_anyref_t *any)
{
    uint32_t n;
    if (wasmtime_anyref_is_null(any))
        printf("anyref:null");
    else if (wasmtime_anyref_i31_get_u(h->context, any, &n))
        printf("i31ref:%" PRIu32, n);
    else if (wasmtime_anyref_is_struct(h->context, any))
        printf("structref:");
    else if (wasmtime_anyref_is_array(h->context, any))
        printf("arrayref:");
    else
        printf("anyref:");
}

void value_print(struct host *h, const wasmtime_val_t *value)
{
    uint32_t low;
    uint64_t bits;
    switch (value->kind) {
    case WASMTIME_I32:
        printf("i32:%" PRIu32, (uint32_t)value->of.i32);
        break;
    case WASMTIME_I64:
        printf("i64:%" PRIu64, (uint64_t)value->of.i64);
        break;
    case WASMTIME_F32:
        memcpy(&low, &value->of.f32, sizeof low);
        printf("f32:%" PRIu32, low);
        break;
    case WASMTIME_F64:
        memcpy(&bits, &value->of.f64, sizeof bits);
        printf("f64:%" PRIu64, bits);
        break;
    case WASMTIME_V128:
        printf("v128:");
        for (int i = 0; i < 16; i++)
            printf("%02x", value->of.v128[i]);
        break;
    case WASMTIME_FUNCREF:
        printf(wasmtime_funcref_is_null(&value->of.funcref) ? "funcref:null" : "funcref:");
        break;
    case WASMTIME_EXTERNREF:
        if (wasmtime_externref_is_null(&value->of.externref))
            printf("externref:null");
        else
            printf("externref:%" PRIuPTR, (uintptr_t)wasmtime_externref_data(h->context, &value->of.externref));
        break;
    case WASMTIME_ANYREF:
        print_any(h, &value->of.anyref);
        break;
    default:
        printf(wasmtime_exnref_is_null(&value->of.exnref) ? "exnref:null" : "exnref:");
    }
}
