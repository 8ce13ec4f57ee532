#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/_lock.h>
#include <sys/_mutex.h>
struct proc;
struct thread;
#endif
