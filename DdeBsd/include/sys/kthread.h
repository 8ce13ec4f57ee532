/* Kernel threads: kproc_create(9). */
#ifndef _SYS_KTHREAD_H_
#define _SYS_KTHREAD_H_

#include <sys/types.h>

struct proc;
struct thread;

int	kthread_create(void (*function)(void *), void *argument, struct proc **process, int flags, int pages,
	    const char *format, ...) __printflike(6, 7);
void	kthread_exit(int code) __dead2;
#define kproc_create	kthread_create
#define kproc_exit	kthread_exit
#define RFHIGHPID	(1 << 18)
#define RFSTOPPED	(1 << 17)

#endif
