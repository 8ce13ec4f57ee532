/* Single instructions. Those of the processor's privileged state are not supplied. */
#ifndef _MACHINE_CPUFUNC_H_
#define _MACHINE_CPUFUNC_H_

#include <sys/types.h>

static __inline void breakpoint(void) { __asm __volatile("int3"); }
static __inline void cpu_spinwait(void) { __asm __volatile("pause"); }
static __inline void mb(void) { __asm __volatile("mfence" ::: "memory"); }
static __inline void rmb(void) { __asm __volatile("lfence" ::: "memory"); }
static __inline void wmb(void) { __asm __volatile("sfence" ::: "memory"); }

#endif
