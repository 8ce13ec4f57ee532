/* SYSINIT and what every part of the kernel knows. */
#ifndef _SYS_KERNEL_H_
#define _SYS_KERNEL_H_

#include <sys/linker_set.h>
#include <sys/queue.h>

#ifdef _KERNEL

/* cold: interrupts are not served yet. hz: ticks a second. ticks: since boot. tick: microseconds each. */
extern int		cold;
extern int		hz;
extern int		tick;
extern int		stathz;
extern int		profhz;
extern volatile int	ticks;
extern int		psratio;
extern char		kernelname[];

/* The order in which initializers run: SYSINIT(9). */
enum sysinit_sub_id {
	SI_SUB_DUMMY		= 0x0000000,
	SI_SUB_DONE		= 0x0000001,
	SI_SUB_TUNABLES		= 0x0700000,
	SI_SUB_CONSOLE		= 0x0800000,
	SI_SUB_COPYRIGHT	= 0x0800001,
	SI_SUB_SETTINGS		= 0x0880000,
	SI_SUB_MTX_POOL_STATIC	= 0x0900000,
	SI_SUB_LOCKMGR		= 0x0980000,
	SI_SUB_VM		= 0x1000000,
	SI_SUB_KMEM		= 0x1800000,
	SI_SUB_KVM_RSRC		= 0x1a00000,
	SI_SUB_WITNESS		= 0x1a80000,
	SI_SUB_MTX_POOL_DYNAMIC	= 0x1ac0000,
	SI_SUB_LOCK		= 0x1b00000,
	SI_SUB_EVENTHANDLER	= 0x1c00000,
	SI_SUB_KLD		= 0x2000000,
	SI_SUB_CPU		= 0x2100000,
	SI_SUB_INTRINSIC	= 0x2400000,
	SI_SUB_SCHED_IDLE	= 0x2600000,
	SI_SUB_MBUF		= 0x2700000,
	SI_SUB_INTR		= 0x2800000,
	SI_SUB_SOFTINTR		= 0x2800001,
	SI_SUB_DEVFS		= 0x2f00000,
	SI_SUB_INIT_IF		= 0x3000000,
	SI_SUB_DRIVERS		= 0x3100000,
	SI_SUB_CONFIGURE	= 0x3800000,
	SI_SUB_VFS		= 0x4000000,
	SI_SUB_CLOCKS		= 0x4800000,
	SI_SUB_CLIST		= 0x5800000,
	SI_SUB_PSEUDO		= 0x7000000,
	SI_SUB_EXEC		= 0x7400000,
	SI_SUB_PROTO_BEGIN	= 0x8000000,
	SI_SUB_PROTO_IF		= 0x8400000,
	SI_SUB_PROTO_DOMAIN	= 0x8800000,
	SI_SUB_PROTO_END	= 0x8ffffff,
	SI_SUB_KPROF		= 0x9000000,
	SI_SUB_KICK_SCHEDULER	= 0xa000000,
	SI_SUB_INT_CONFIG_HOOKS	= 0xa800000,
	SI_SUB_ROOT_CONF	= 0xb000000,
	SI_SUB_SWAP		= 0xc000000,
	SI_SUB_RAID		= 0xd800000,
	SI_SUB_KTHREAD_INIT	= 0xe000000,
	SI_SUB_SMP		= 0xf000000,
	SI_SUB_RUN_SCHEDULER	= 0xfffffff
};

enum sysinit_elem_order {
	SI_ORDER_FIRST	= 0x0000000,
	SI_ORDER_SECOND	= 0x0000001,
	SI_ORDER_THIRD	= 0x0000002,
	SI_ORDER_FOURTH	= 0x0000003,
	SI_ORDER_MIDDLE	= 0x1000000,
	SI_ORDER_ANY	= 0xfffffff
};

typedef void (*sysinit_nfunc_t)(void *);
typedef void (*sysinit_cfunc_t)(const void *);

struct sysinit {
	enum sysinit_sub_id	subsystem;
	enum sysinit_elem_order	order;
	sysinit_cfunc_t		func;
	const void		*udata;
};

#define C_SYSINIT(name, subsystem, order, function, argument) \
	static struct sysinit name##_sys_init = { subsystem, order, function, argument }; \
	DATA_SET(sysinit_set, name##_sys_init)
#define SYSINIT(name, subsystem, order, function, argument) \
	C_SYSINIT(name, subsystem, order, (sysinit_cfunc_t)(sysinit_nfunc_t)function, (void *)(argument))
#define C_SYSUNINIT(name, subsystem, order, function, argument) \
	static struct sysinit name##_sys_uninit = { subsystem, order, function, argument }; \
	DATA_SET(sysuninit_set, name##_sys_uninit)
#define SYSUNINIT(name, subsystem, order, function, argument) \
	C_SYSUNINIT(name, subsystem, order, (sysinit_cfunc_t)(sysinit_nfunc_t)function, (void *)(argument))

/* Tunables are set before a module starts: TUNABLE_INT(9). */
int	getenv_int(const char *name, int *data);
int	getenv_long(const char *name, long *data);
int	getenv_ulong(const char *name, unsigned long *data);
int	getenv_quad(const char *name, quad_t *data);
int	getenv_string(const char *name, char *data, int size);
char	*getenv(const char *name);
void	freeenv(char *text);

struct tunable_int {
	const char	*path;
	int		*var;
};
struct tunable_str {
	const char	*path;
	char		*var;
	int		size;
};
void	tunable_int_init(void *tunable);
void	tunable_str_init(void *tunable);

#define TUNABLE_INT(name, variable) \
	static struct tunable_int __CONCAT(_dde_tunable_, __LINE__) = { (name), (variable) }; \
	SYSINIT(__CONCAT(_dde_tunable_, __LINE__), SI_SUB_TUNABLES, SI_ORDER_MIDDLE, \
	    tunable_int_init, &__CONCAT(_dde_tunable_, __LINE__))
#define TUNABLE_INT_FETCH(name, variable)	getenv_int((name), (variable))
#define TUNABLE_LONG_FETCH(name, variable)	getenv_long((name), (variable))
#define TUNABLE_ULONG_FETCH(name, variable)	getenv_ulong((name), (variable))
#define TUNABLE_QUAD_FETCH(name, variable)	getenv_quad((name), (variable))
#define TUNABLE_STR(name, variable, length) \
	static struct tunable_str __CONCAT(_dde_tunable_, __LINE__) = { (name), (variable), (length) }; \
	SYSINIT(__CONCAT(_dde_tunable_, __LINE__), SI_SUB_TUNABLES, SI_ORDER_MIDDLE, \
	    tunable_str_init, &__CONCAT(_dde_tunable_, __LINE__))
#define TUNABLE_STR_FETCH(name, variable, length) getenv_string((name), (variable), (length))

/* Work that waits for interrupts. */
struct intr_config_hook {
	TAILQ_ENTRY(intr_config_hook) ich_links;
	void	(*ich_func)(void *argument);
	void	*ich_arg;
};
int	config_intrhook_establish(struct intr_config_hook *hook);
void	config_intrhook_disestablish(struct intr_config_hook *hook);

#endif
#endif
