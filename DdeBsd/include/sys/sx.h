/* Shared and exclusive locks: sx(9). */
#ifndef _SYS_SX_H_
#define _SYS_SX_H_

#include <sys/_lock.h>

struct sx {
	struct lock_object	lock_object;
	volatile uintptr_t	sx_owner;	/* the exclusive owner's curthread, or 0 */
	volatile u_int		sx_shares;	/* how many share it */
	u_int			sx_recurse;
};

#define SX_DUPOK	0x01
#define SX_NOPROFILE	0x02
#define SX_NOWITNESS	0x04
#define SX_QUIET	0x08
#define SX_RECURSE	0x20
#define SA_UNLOCKED	0x00
#define SA_LOCKED	0x01
#define SA_SLOCKED	0x02
#define SA_XLOCKED	0x04
#define SX_UNLOCKED	SA_UNLOCKED
#define SX_LOCKED	SA_LOCKED
#define SX_SLOCKED	SA_SLOCKED
#define SX_XLOCKED	SA_XLOCKED

void	sx_init_flags(struct sx *lock, const char *text, int options);
#define sx_init(lock, text)	sx_init_flags((lock), (text), 0)
void	sx_destroy(struct sx *lock);
void	sx_slock(struct sx *lock);
void	sx_xlock(struct sx *lock);
int	sx_try_slock(struct sx *lock);
int	sx_try_xlock(struct sx *lock);
void	sx_sunlock(struct sx *lock);
void	sx_xunlock(struct sx *lock);
void	sx_unlock(struct sx *lock);
int	sx_try_upgrade(struct sx *lock);
void	sx_downgrade(struct sx *lock);
int	sx_xlocked(struct sx *lock);
void	sx_assert(struct sx *lock, int what);

#endif
