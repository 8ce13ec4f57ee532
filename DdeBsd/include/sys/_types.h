/* Types with fixed sizes on amd64. */
#ifndef _SYS__TYPES_H_
#define _SYS__TYPES_H_

typedef signed char		__int8_t;
typedef unsigned char		__uint8_t;
typedef short			__int16_t;
typedef unsigned short		__uint16_t;
typedef int			__int32_t;
typedef unsigned int		__uint32_t;
typedef long			__int64_t;
typedef unsigned long		__uint64_t;
typedef __builtin_va_list	__va_list;

#endif
