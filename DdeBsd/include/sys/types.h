/* The kernel's own names for types. */
#ifndef _SYS_TYPES_H_
#define _SYS_TYPES_H_

#include <sys/cdefs.h>
#include <sys/_types.h>

typedef __int8_t	int8_t;
typedef __uint8_t	uint8_t;
typedef __int16_t	int16_t;
typedef __uint16_t	uint16_t;
typedef __int32_t	int32_t;
typedef __uint32_t	uint32_t;
typedef __int64_t	int64_t;
typedef __uint64_t	uint64_t;
typedef __int64_t	intmax_t;
typedef __uint64_t	uintmax_t;
typedef __int64_t	intptr_t;
typedef __uint64_t	uintptr_t;

typedef uint8_t		u_int8_t;
typedef uint16_t	u_int16_t;
typedef uint32_t	u_int32_t;
typedef uint64_t	u_int64_t;
typedef int64_t		quad_t;
typedef uint64_t	u_quad_t;
typedef quad_t *	qaddr_t;

typedef unsigned char	u_char;
typedef unsigned short	u_short;
typedef unsigned int	u_int;
typedef unsigned long	u_long;
typedef unsigned short	ushort;
typedef unsigned int	uint;

typedef char *		caddr_t;
typedef const char *	c_caddr_t;
typedef volatile char *	v_caddr_t;
typedef __uint64_t	size_t;
typedef __int64_t	ssize_t;
typedef __int64_t	ptrdiff_t;
typedef __int64_t	off_t;
typedef __int64_t	daddr_t;
typedef __int64_t	time_t;
typedef __int64_t	sbintime_t;
typedef __int64_t	segsz_t;
typedef __int64_t	suseconds_t;
typedef __uint32_t	dev_t;
typedef __uint32_t	fixpt_t;
typedef __uint32_t	gid_t;
typedef __uint32_t	uid_t;
typedef __uint32_t	ino_t;
typedef __uint16_t	mode_t;
typedef __uint16_t	nlink_t;
typedef __int32_t	pid_t;
typedef __int32_t	lwpid_t;
typedef __int64_t	register_t;
typedef __uint64_t	u_register_t;
typedef __int64_t	critical_t;
typedef __uint64_t	vm_offset_t;
typedef __uint64_t	vm_size_t;
typedef __uint64_t	vm_paddr_t;
typedef __int64_t	vm_ooffset_t;
typedef __uint64_t	vm_pindex_t;
typedef int		boolean_t;
typedef int		__intrmask_t;
typedef __uint64_t	uoff_t;
typedef struct cdev *	cdev_t;

#if !defined(__bool_true_false_are_defined) && !defined(__cplusplus)
#define __bool_true_false_are_defined 1
#define bool	_Bool
#define true	1
#define false	0
#endif

#define major(device)	((int)(((u_int)(device) >> 8) & 0xff))
#define minor(device)	((int)((device) & 0xffff00ff))

#endif
