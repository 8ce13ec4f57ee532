#ifndef _SYS_STDINT_H_
#define _SYS_STDINT_H_

#include <sys/types.h>

#define INT8_MIN	(-0x7f - 1)
#define INT16_MIN	(-0x7fff - 1)
#define INT32_MIN	(-0x7fffffff - 1)
#define INT64_MIN	(-0x7fffffffffffffffL - 1)
#define INT8_MAX	0x7f
#define INT16_MAX	0x7fff
#define INT32_MAX	0x7fffffff
#define INT64_MAX	0x7fffffffffffffffL
#define UINT8_MAX	0xff
#define UINT16_MAX	0xffff
#define UINT32_MAX	0xffffffffU
#define UINT64_MAX	0xffffffffffffffffUL
#define SIZE_MAX	UINT64_MAX
#define UINTPTR_MAX	UINT64_MAX

#endif
