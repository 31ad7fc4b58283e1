/* buf.h: a growing byte buffer, the only place besides vec.h where the project's data grows.
 *
 * The owner calls buf_init and buf_release.  Every append returns false when memory is short or the buffer would
 * pass its maximum; the buffer then keeps what it had, and `failed` stays set, so that a long run of appends may be
 * checked once at its end. */
#ifndef MT_BASE_BUF_H
#define MT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
    size_t maximum;  /* never grows past this */
    bool failed;     /* an append was refused */
};

void buf_init(struct buf *b, size_t maximum);
/* Over memory of the caller's: nothing is allocated, and nothing to be released. */
void buf_init_over(struct buf *b, void *room, size_t size);
void buf_release(struct buf *b); /* frees, and leaves an empty buffer with the same maximum */
void buf_clear(struct buf *b);   /* empties, keeps the memory */

bool buf_reserve(struct buf *b, size_t more);
bool buf_put(struct buf *b, const void *bytes, size_t n);
bool buf_put_u8(struct buf *b, uint8_t byte);
bool buf_put_text(struct buf *b, const char *text); /* without its NUL */
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands the bytes to the caller, who frees them with free(); the buffer is empty afterwards. */
uint8_t *buf_detach(struct buf *b, size_t *size);

#endif
