/* Deferred work: taskqueue(9). */
#ifndef _SYS_TASKQUEUE_H_
#define _SYS_TASKQUEUE_H_

#include <sys/queue.h>
#include <sys/_task.h>

struct taskqueue;
struct proc;

typedef void (*taskqueue_enqueue_fn)(void *context);

struct taskqueue *taskqueue_create(const char *name, int flags, taskqueue_enqueue_fn enqueue, void *context);
struct taskqueue *taskqueue_create_fast(const char *name, int flags, taskqueue_enqueue_fn enqueue, void *context);
int	taskqueue_start_threads(struct taskqueue **queue, int count, int priority, const char *name, ...)
	    __printflike(4, 5);
int	taskqueue_enqueue(struct taskqueue *queue, struct task *task);
int	taskqueue_enqueue_fast(struct taskqueue *queue, struct task *task);
void	taskqueue_drain(struct taskqueue *queue, struct task *task);
void	taskqueue_free(struct taskqueue *queue);
void	taskqueue_run(struct taskqueue *queue);
void	taskqueue_block(struct taskqueue *queue);
void	taskqueue_unblock(struct taskqueue *queue);
void	taskqueue_thread_enqueue(void *context);

#define TASK_INIT(task, priority, function, context) do { \
	(task)->ta_pending = 0; \
	(task)->ta_priority = (priority); \
	(task)->ta_func = (function); \
	(task)->ta_context = (context); \
} while (0)

extern struct taskqueue *taskqueue_swi;
extern struct taskqueue *taskqueue_swi_giant;
extern struct taskqueue *taskqueue_thread;
extern struct taskqueue *taskqueue_fast;

#endif
