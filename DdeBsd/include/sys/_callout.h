#ifndef _SYS__CALLOUT_H_
#define _SYS__CALLOUT_H_

#include <sys/types.h>

struct mtx;

struct callout {
	int		c_time;			/* the tick at which it expires */
	void		*c_arg;
	void		(*c_func)(void *);
	struct mtx	*c_mtx;			/* held while it runs */
	int		c_flags;
};

#endif
