/* Mutexes: mutex(9). */
#ifndef _SYS_MUTEX_H_
#define _SYS_MUTEX_H_

#include <sys/types.h>
#include <sys/kernel.h>
#include <sys/_mutex.h>

#define MTX_DEF		0x00000000
#define MTX_SPIN	0x00000001
#define MTX_RECURSE	0x00000004
#define MTX_NOWITNESS	0x00000008
#define MTX_NOPROFILE	0x00000020
#define MTX_QUIET	0x00040000
#define MTX_DUPOK	0x00400000
#define MTX_NETWORK_LOCK "network driver"

#define MA_NOTOWNED	0x00
#define MA_OWNED	0x01
#define MA_RECURSED	0x04
#define MA_NOTRECURSED	0x08

void	mtx_init(struct mtx *mutex, const char *name, const char *type, int options);
void	mtx_destroy(struct mtx *mutex);
void	mtx_sysinit(void *argument);
void	_mtx_lock_flags(struct mtx *mutex, int options, const char *file, int line);
void	_mtx_unlock_flags(struct mtx *mutex, int options, const char *file, int line);
void	_mtx_lock_spin_flags(struct mtx *mutex, int options, const char *file, int line);
void	_mtx_unlock_spin_flags(struct mtx *mutex, int options, const char *file, int line);
int	_mtx_trylock(struct mtx *mutex, int options, const char *file, int line);
void	_mtx_assert(struct mtx *mutex, int what, const char *file, int line);
int	mtx_owned(struct mtx *mutex);

#define mtx_lock(mutex)			_mtx_lock_flags((mutex), 0, __FILE__, __LINE__)
#define mtx_lock_flags(mutex, options)	_mtx_lock_flags((mutex), (options), __FILE__, __LINE__)
#define mtx_unlock(mutex)		_mtx_unlock_flags((mutex), 0, __FILE__, __LINE__)
#define mtx_unlock_flags(mutex, options) _mtx_unlock_flags((mutex), (options), __FILE__, __LINE__)
#define mtx_lock_spin(mutex)		_mtx_lock_spin_flags((mutex), 0, __FILE__, __LINE__)
#define mtx_unlock_spin(mutex)		_mtx_unlock_spin_flags((mutex), 0, __FILE__, __LINE__)
#define mtx_trylock(mutex)		_mtx_trylock((mutex), 0, __FILE__, __LINE__)
#define mtx_assert(mutex, what)		_mtx_assert((mutex), (what), __FILE__, __LINE__)
#define mtx_initialized(mutex)		((mutex)->lock_object.lo_flags != 0)
#define mtx_recursed(mutex)		((mutex)->mtx_recurse != 0)
#define mtx_name(mutex)			((mutex)->lock_object.lo_name)

struct mtx_args {
	struct mtx	*ma_mtx;
	const char	*ma_desc;
	int		ma_opts;
};
#define MTX_SYSINIT(name, mutex, text, options) \
	static struct mtx_args name##_args = { (mutex), (text), (options) }; \
	SYSINIT(name##_mtx_sysinit, SI_SUB_LOCK, SI_ORDER_MIDDLE, mtx_sysinit, &name##_args); \
	SYSUNINIT(name##_mtx_sysuninit, SI_SUB_LOCK, SI_ORDER_MIDDLE, mtx_destroy, (mutex))

/* The lock of code that has none of its own. */
extern struct mtx Giant;
#define GIANT_REQUIRED		mtx_assert(&Giant, MA_OWNED)
#define DROP_GIANT()		do { int _giant = mtx_owned(&Giant); if (_giant) mtx_unlock(&Giant)
#define PICKUP_GIANT()		if (_giant) mtx_lock(&Giant); } while (0)
#define NET_LOCK_GIANT()	do { } while (0)
#define NET_UNLOCK_GIANT()	do { } while (0)

#endif
