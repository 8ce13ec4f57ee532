/* atomic(9): the compiler's own builtins. */
#ifndef _MACHINE_ATOMIC_H_
#define _MACHINE_ATOMIC_H_

#include <sys/types.h>

#define _DDE_ATOMIC(name, type) \
static __inline void atomic_add_##name(volatile type *p, type v) { __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); } \
static __inline void atomic_subtract_##name(volatile type *p, type v) { __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); } \
static __inline void atomic_set_##name(volatile type *p, type v) { __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST); } \
static __inline void atomic_clear_##name(volatile type *p, type v) { __atomic_fetch_and(p, (type)~v, __ATOMIC_SEQ_CST); } \
static __inline type atomic_fetchadd_##name(volatile type *p, type v) { return (__atomic_fetch_add(p, v, __ATOMIC_SEQ_CST)); } \
static __inline type atomic_readandclear_##name(volatile type *p) { return (__atomic_exchange_n(p, 0, __ATOMIC_SEQ_CST)); } \
static __inline type atomic_load_acq_##name(volatile type *p) { return (__atomic_load_n(p, __ATOMIC_ACQUIRE)); } \
static __inline void atomic_store_rel_##name(volatile type *p, type v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); } \
static __inline int atomic_cmpset_##name(volatile type *p, type expected, type v) \
{ return (__atomic_compare_exchange_n(p, &expected, v, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)); } \
static __inline int atomic_cmpset_acq_##name(volatile type *p, type expected, type v) { return (atomic_cmpset_##name(p, expected, v)); } \
static __inline int atomic_cmpset_rel_##name(volatile type *p, type expected, type v) { return (atomic_cmpset_##name(p, expected, v)); } \
static __inline void atomic_add_acq_##name(volatile type *p, type v) { atomic_add_##name(p, v); } \
static __inline void atomic_add_rel_##name(volatile type *p, type v) { atomic_add_##name(p, v); } \
static __inline void atomic_set_acq_##name(volatile type *p, type v) { atomic_set_##name(p, v); } \
static __inline void atomic_set_rel_##name(volatile type *p, type v) { atomic_set_##name(p, v); } \
static __inline void atomic_clear_acq_##name(volatile type *p, type v) { atomic_clear_##name(p, v); } \
static __inline void atomic_clear_rel_##name(volatile type *p, type v) { atomic_clear_##name(p, v); }

_DDE_ATOMIC(char, u_char)
_DDE_ATOMIC(short, u_short)
_DDE_ATOMIC(int, u_int)
_DDE_ATOMIC(long, u_long)
_DDE_ATOMIC(8, u_int8_t)
_DDE_ATOMIC(16, u_int16_t)
_DDE_ATOMIC(32, u_int32_t)
_DDE_ATOMIC(64, u_int64_t)
_DDE_ATOMIC(ptr, uintptr_t)

#endif
