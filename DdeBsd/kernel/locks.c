/* Locks that may be waited for, on the wait channels of the kernel. One thread runs until it sleeps, so plain fields will do. */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/condvar.h>
#include <sys/lock.h>
#include <sys/mutex.h>
#include <sys/sx.h>

#define SELF	((uintptr_t)curthread)

void
sx_init_flags(struct sx *lock, const char *text, int options)
{
	memset(lock, 0, sizeof(*lock));
	lock->lock_object.lo_name = text;
	lock->lock_object.lo_flags = 1 | options << 8;
}

void
sx_destroy(struct sx *lock)
{
	if (lock->sx_owner != 0 || lock->sx_shares != 0)
		panic("sx lock %s is destroyed while it is held", lock->lock_object.lo_name);
	memset(lock, 0, sizeof(*lock));
}

int
sx_try_slock(struct sx *lock)
{
	if (lock->sx_owner != 0)
		return (0);
	lock->sx_shares++;
	return (1);
}

int
sx_try_xlock(struct sx *lock)
{
	if (lock->sx_owner == SELF && (lock->lock_object.lo_flags & SX_RECURSE << 8) != 0) {
		lock->sx_recurse++;
		return (1);
	}
	if (lock->sx_owner != 0 || lock->sx_shares != 0)
		return (0);
	lock->sx_owner = SELF;
	return (1);
}

void
sx_slock(struct sx *lock)
{
	while (!sx_try_slock(lock))
		tsleep(lock, PZERO, lock->lock_object.lo_name, 0);
}

void
sx_xlock(struct sx *lock)
{
	if (lock->sx_owner == SELF && (lock->lock_object.lo_flags & SX_RECURSE << 8) == 0)
		panic("sx lock %s is locked again by its owner, and was not made for that", lock->lock_object.lo_name);
	while (!sx_try_xlock(lock))
		tsleep(lock, PZERO, lock->lock_object.lo_name, 0);
}

void
sx_sunlock(struct sx *lock)
{
	if (lock->sx_shares == 0)
		panic("sx lock %s is unlocked, but nobody shares it", lock->lock_object.lo_name);
	if (--lock->sx_shares == 0)
		wakeup(lock);
}

void
sx_xunlock(struct sx *lock)
{
	if (lock->sx_owner != SELF)
		panic("sx lock %s is unlocked by somebody who does not hold it", lock->lock_object.lo_name);
	if (lock->sx_recurse > 0) {
		lock->sx_recurse--;
		return;
	}
	lock->sx_owner = 0;
	wakeup(lock);
}

void
sx_unlock(struct sx *lock)
{
	if (lock->sx_owner == SELF)
		sx_xunlock(lock);
	else
		sx_sunlock(lock);
}

int
sx_try_upgrade(struct sx *lock)
{
	if (lock->sx_shares != 1)
		return (0);
	lock->sx_shares = 0;
	lock->sx_owner = SELF;
	return (1);
}

void
sx_downgrade(struct sx *lock)
{
	sx_xunlock(lock);
	lock->sx_shares++;
}

int
sx_xlocked(struct sx *lock)
{
	return (lock->sx_owner == SELF);
}

void
sx_assert(struct sx *lock, int what)
{
	int exclusive = lock->sx_owner == SELF;
	int holds = what == SA_UNLOCKED ? !exclusive
	    : what == SA_XLOCKED ? exclusive
	    : what == SA_SLOCKED ? lock->sx_shares != 0
	    : exclusive || lock->sx_shares != 0;

	if (!holds)
		panic("sx lock %s is not as it should be (%d)", lock->lock_object.lo_name, what);
}

void
cv_init(struct cv *variable, const char *text)
{
	variable->cv_description = text;
	variable->cv_waiters = 0;
}

void
cv_destroy(struct cv *variable)
{
	if (variable->cv_waiters != 0)
		panic("condition variable %s is destroyed while %d wait", variable->cv_description, variable->cv_waiters);
}

int
cv_timedwait(struct cv *variable, struct mtx *mutex, int count)
{
	int error;

	variable->cv_waiters++;
	error = msleep(variable, mutex, 0, variable->cv_description, count);
	variable->cv_waiters--;
	return (error);
}

void cv_wait(struct cv *variable, struct mtx *mutex) { cv_timedwait(variable, mutex, 0); }
/* There are no signals. */
int cv_wait_sig(struct cv *variable, struct mtx *mutex) { return (cv_timedwait(variable, mutex, 0)); }
int cv_timedwait_sig(struct cv *variable, struct mtx *mutex, int count) { return (cv_timedwait(variable, mutex, count)); }
void cv_signal(struct cv *variable) { wakeup_one(variable); }
void cv_broadcastpri(struct cv *variable, int priority) { wakeup(variable); }
