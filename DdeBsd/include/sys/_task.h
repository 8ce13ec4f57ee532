#ifndef _SYS__TASK_H_
#define _SYS__TASK_H_

#include <sys/queue.h>

typedef void task_fn_t(void *context, int pending);

struct task {
	STAILQ_ENTRY(task) ta_link;
	u_short		ta_pending;		/* enqueued so often since it ran */
	u_short		ta_priority;
	task_fn_t	*ta_func;
	void		*ta_context;
};

#endif
