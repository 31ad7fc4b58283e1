/* number.h: numbers as text: floats that read back the same, counts and sizes for people. */
#ifndef MT_RENDER_NUMBER_H
#define MT_RENDER_NUMBER_H

#include <stdint.h>

enum { NUMBER_SIZE = 40 }; /* room for any of these texts */

/* The shortest decimal that reads back as these very bits; of several as short, the nearest.  Always with a '.' or an
 * 'e': `1.0`, `-0.0`, `0.0001`, `1e-5`, `1.5e300` (an exponent below 0.0001 and from 1e16 on); or `inf`, `-inf`; or
 * `nan:0x…`, `-nan:0x…` with the whole significand field as payload, in lower-case hexadecimal.  Reads `.` and nothing
 * else as the decimal point, whatever the locale. */
void number_f32(char text[NUMBER_SIZE], uint32_t bits);
void number_f64(char text[NUMBER_SIZE], uint64_t bits);

/* Groups of three digits: 1,234,567. */
void number_grouped(char text[NUMBER_SIZE], uint64_t value);

/* Scaled: `1 byte`, `1023 bytes`, `1.0 KiB`, `3.2 MiB` … `16.0 EiB`. */
void number_bytes(char text[NUMBER_SIZE], uint64_t bytes);

/* How many accesses of all a trace does not have: `8,312,004 of 9,312,004 accesses were not recorded (89.3%)`. */
enum { NUMBER_LOST_SIZE = 3 * NUMBER_SIZE };
void number_lost(char text[NUMBER_LOST_SIZE], uint64_t lost, uint64_t recorded);

/* A share from 0 to 1 in percent: `0%`, `<0.1%`, `12.5%`, `>99.9%`, `100%`. */
void number_share(char text[NUMBER_SIZE], double share);

#endif
