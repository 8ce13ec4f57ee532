#ifndef _SYS_PCPU_H_
#define _SYS_PCPU_H_

struct thread;

/* The calling thread: the address of what stands for it, never dereferenced by drivers of this era's buses. */
struct thread	*_dde_curthread(void);
#define curthread	_dde_curthread()
#define curcpu		0

#endif
