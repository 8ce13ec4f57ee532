#ifndef _SYS__MUTEX_H_
#define _SYS__MUTEX_H_

#include <sys/_lock.h>

struct mtx {
	struct lock_object	lock_object;
	volatile uintptr_t	mtx_lock;	/* the owner's curthread, or 0 */
	u_int			mtx_recurse;	/* locked again so often */
};

#endif
