/* setjmp.h for clang's lowering of setjmp and longjmp to exceptions, which Debian 12's wasi-libc lacks. */
#ifndef SJLJ_SETJMP_H
#define SJLJ_SETJMP_H

typedef struct {
    void *invocation; /* of the function that called setjmp */
    unsigned label;   /* which of its setjmps */
    struct {
        void *env;
        int value;
    } thrown; /* what longjmp's exception carries */
} jmp_buf[1];

int setjmp(jmp_buf env);
_Noreturn void longjmp(jmp_buf env, int value);
#define _setjmp setjmp
#define _longjmp longjmp

#endif
