/* Reader/writer locks: rwlock(9). They are mutexes that may be shared. */
#ifndef _SYS_RWLOCK_H_
#define _SYS_RWLOCK_H_

#include <sys/_lock.h>

struct rwlock {
	struct lock_object	lock_object;
	volatile uintptr_t	rw_owner;
	volatile u_int		rw_readers;
	u_int			rw_recurse;
};

#define RW_RECURSE	0x01
#define RA_LOCKED	0x01
#define RA_RLOCKED	0x02
#define RA_WLOCKED	0x04
#define RA_UNLOCKED	0x00

void	rw_init(struct rwlock *lock, const char *name);
void	rw_init_flags(struct rwlock *lock, const char *name, int options);
void	rw_destroy(struct rwlock *lock);
void	rw_rlock(struct rwlock *lock);
void	rw_wlock(struct rwlock *lock);
void	rw_runlock(struct rwlock *lock);
void	rw_wunlock(struct rwlock *lock);
int	rw_wowned(struct rwlock *lock);
void	rw_assert(struct rwlock *lock, int what);

#endif
