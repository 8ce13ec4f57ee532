/* Timers: callout(9), timeout(9). */
#ifndef _SYS_CALLOUT_H_
#define _SYS_CALLOUT_H_

#include <sys/_callout.h>

#define CALLOUT_LOCAL_ALLOC	0x0001
#define CALLOUT_ACTIVE		0x0002
#define CALLOUT_PENDING		0x0004
#define CALLOUT_MPSAFE		0x0008
#define CALLOUT_RETURNUNLOCKED	0x0010

typedef void timeout_t(void *argument);

struct callout_handle {
	struct callout	*callout;
};
#define CALLOUT_HANDLE_INITIALIZER(handle) { NULL }

void	callout_init(struct callout *timer, int mpsafe);
void	callout_init_mtx(struct callout *timer, struct mtx *mutex, int flags);
int	callout_reset(struct callout *timer, int ticks, timeout_t *function, void *argument);
int	callout_schedule(struct callout *timer, int ticks);
int	_callout_stop_safe(struct callout *timer, int wait);
#define callout_stop(timer)	_callout_stop_safe((timer), 0)
#define callout_drain(timer)	_callout_stop_safe((timer), 1)
#define callout_active(timer)	((timer)->c_flags & CALLOUT_ACTIVE)
#define callout_deactivate(timer) ((timer)->c_flags &= ~CALLOUT_ACTIVE)
#define callout_pending(timer)	((timer)->c_flags & CALLOUT_PENDING)

struct callout_handle timeout(timeout_t *function, void *argument, int ticks);
void	untimeout(timeout_t *function, void *argument, struct callout_handle handle);
void	callout_handle_init(struct callout_handle *handle);

#endif
