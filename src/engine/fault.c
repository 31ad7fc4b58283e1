/* Where an access began that reached beyond the end of memory.
 *
 * The engine's guard pages catch it, and the engine tells of the first byte that is not there: of 8 bytes at 0xFFFC that is 0x10000.
 * What the access's own address was only the registers know at that moment.  So while the program runs, this stands in front of the
 * engine's handler of SIGSEGV: it takes the address that the faulting instruction computes, and leaves the rest to the engine.
 *
 * Encoding: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2.  On other processors the first
 * missing byte has to do. */
#include "engine/run.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

enum { WIDEST_ACCESS = 16 };

/* A signal handler has no argument of ours: the run that a process can have at a time, and who had the signal before. */
static struct run *_Atomic watched_run;
static struct sigaction before;

#if defined(__x86_64__)
/* By the number that an instruction has for it. */
static uint64_t register_value(const ucontext_t *context, unsigned number)
{
    static const int names[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return (uint64_t)context->uc_mcontext.gregs[names[number]];
}

/* The bits that make registers' numbers longer, and the instruction from ModRM on. */
struct operand {
    unsigned index_high, base_high;
    const uint8_t *at;
};

/* Passes over prefixes and opcode.  False for what no compiled access begins with. */
static bool find_operand(const uint8_t *p, struct operand *o)
{
    while (*p == 0x66 || *p == 0xF0 || *p == 0xF2 || *p == 0xF3)
        p++;
    if (*p == 0xC5) { /* VEX of two bytes, of three */
        p += 3;
    } else if (*p == 0xC4) {
        o->index_high = p[1] & 0x40 ? 0 : 8;
        o->base_high = p[1] & 0x20 ? 0 : 8;
        p += 4;
    } else {
        if ((*p & 0xF0) == 0x40) { /* REX */
            o->index_high = *p & 2 ? 8 : 0;
            o->base_high = *p & 1 ? 8 : 0;
            p++;
        }
        if (*p == 0x62 || *p == 0x64 || *p == 0x65 || *p == 0x67) /* EVEX, segments, short addresses */
            return false;
        const bool two = p[0] == 0x0F, three = two && (p[1] & 0xFD) == 0x38; /* 0F 38, 0F 3A */
        p += 1 + two + three;
    }
    o->at = p;
    return true;
}

/* The address of the operand in memory. */
static bool effective_address(const ucontext_t *context, uint64_t *address)
{
    struct operand o = {0};
    if (!find_operand((const uint8_t *)context->uc_mcontext.gregs[REG_RIP], &o))
        return false;
    unsigned mod = o.at[0] >> 6, base = o.at[0] & 7;
    bool has_base = true, has_sib = base == 4;
    const uint8_t *displacement = o.at + 1 + has_sib;
    *address = 0;
    if (mod == 3 || (mod == 0 && base == 5)) /* no memory; relative to the instruction */
        return false;
    if (has_sib) {
        unsigned index = (o.at[1] >> 3 & 7) | o.index_high;
        base = o.at[1] & 7;
        has_base = !(mod == 0 && base == 5);
        if (index != 4)
            *address += register_value(context, index) << (o.at[1] >> 6);
    }
    if (has_base)
        *address += register_value(context, base | o.base_high);
    int32_t more = 0;
    if (mod == 1)
        more = *displacement < 0x80 ? *displacement : *displacement - 0x100;
    else if (mod == 2 || !has_base)
        memcpy(&more, displacement, sizeof more);
    *address += (uint64_t)(int64_t)more;
    return true;
}
#else
static bool effective_address(const ucontext_t *context, uint64_t *address)
{
    (void)context;
    (void)address;
    return false;
}
#endif

static void on_fault(int signal, siginfo_t *info, void *context)
{
    struct run *run = watched_run;
    uint64_t address, missing = (uint64_t)(uintptr_t)info->si_addr;
    if (run && pthread_equal(pthread_self(), run->guest) && run_is_compiled(run, context) &&
        effective_address(context, &address))
        run->before_missing = missing - address < WIDEST_ACCESS ? (unsigned)(missing - address) : 0;
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(signal, info, context);
    else /* nobody takes it: the instruction runs once more, into that */
        sigaction(signal, &before, NULL);
}

void fault_watch(struct run *run)
{
    struct sigaction action = {.sa_sigaction = on_fault};
    if (sigaction(SIGSEGV, NULL, &before) != 0)
        return;
    watched_run = run;
    action.sa_mask = before.sa_mask;
    action.sa_flags = before.sa_flags | SA_SIGINFO;
    if (sigaction(SIGSEGV, &action, NULL) != 0)
        watched_run = NULL;
}

void fault_forget(void)
{
    if (watched_run)
        sigaction(SIGSEGV, &before, NULL);
    watched_run = NULL;
}
