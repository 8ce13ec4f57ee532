/* The variables that drivers import. The shim finds them by name and keeps them up to date. */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/bus.h>
#include <sys/malloc.h>
#include <sys/lock.h>
#include <sys/mutex.h>
#include <sys/smp.h>
#include <sys/taskqueue.h>

int		cold = 1;
int		hz = 1000;
int		tick = 1000;
int		stathz = 128;
int		profhz = 1024;
volatile int	ticks;
volatile time_t	time_second;
volatile time_t	time_uptime = 1;
struct timeval	boottime;

int		bootverbose;
int		maxusers = 32;
long		physmem;
const char	*panicstr;
char		version[] = "FreeBSD 7.0 interface";
char		hostname[256];
char		kernelname[] = "kernel";
int		mp_ncpus = 1;
int		mp_maxid;

device_t	root_bus;
devclass_t	root_devclass;

struct mtx	Giant;

struct taskqueue *taskqueue_swi;
struct taskqueue *taskqueue_swi_giant;
struct taskqueue *taskqueue_thread;
struct taskqueue *taskqueue_fast;

MALLOC_DEFINE(M_CACHE, "cache", "dynamically allocated cache memory");
MALLOC_DEFINE(M_DEVBUF, "devbuf", "device driver memory");
MALLOC_DEFINE(M_TEMP, "temp", "temporary buffers");

static device_method_t null_methods[] = {
	DEVMETHOD_END
};
DEFINE_CLASS_0(null, null_class, null_methods, 0);

int
kobj_error_method(void)
{
	return (ENXIO);
}
