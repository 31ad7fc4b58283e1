/* The functions that clang's lowering calls (LLVM, WebAssemblyLowerEmscriptenEHSjLj.cpp, the part on Wasm SjLj). */
#include "setjmp.h"

/* The exception's tag; C has no words for one. */
__asm__(".globl __c_longjmp\n"
        ".tagtype __c_longjmp i32\n"
        "__c_longjmp:\n");

void __wasm_setjmp(void *env, unsigned label, void *invocation);
unsigned __wasm_setjmp_test(void *env, void *invocation);
void __wasm_longjmp(void *env, int value);

void __wasm_setjmp(void *env, unsigned label, void *invocation)
{
    (*(jmp_buf *)env)->invocation = invocation;
    (*(jmp_buf *)env)->label = label;
}

/* Which setjmp of this invocation a longjmp means; 0: none, so the exception goes on. */
unsigned __wasm_setjmp_test(void *env, void *invocation)
{
    jmp_buf *buffer = env;
    return (*buffer)->invocation == invocation ? (*buffer)->label : 0;
}

void __wasm_longjmp(void *env, int value)
{
    jmp_buf *buffer = env;
    (*buffer)->thrown.env = env;
    (*buffer)->thrown.value = value ? value : 1;
    __builtin_wasm_throw(1, &(*buffer)->thrown); /* 1: the tag __c_longjmp */
}
