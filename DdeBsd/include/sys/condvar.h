/* Condition variables: condvar(9). */
#ifndef _SYS_CONDVAR_H_
#define _SYS_CONDVAR_H_

#include <sys/_mutex.h>

struct cv {
	const char	*cv_description;
	int		cv_waiters;
};

void	cv_init(struct cv *variable, const char *text);
void	cv_destroy(struct cv *variable);
void	cv_wait(struct cv *variable, struct mtx *mutex);
int	cv_wait_sig(struct cv *variable, struct mtx *mutex);
int	cv_timedwait(struct cv *variable, struct mtx *mutex, int ticks);
int	cv_timedwait_sig(struct cv *variable, struct mtx *mutex, int ticks);
void	cv_signal(struct cv *variable);
void	cv_broadcastpri(struct cv *variable, int priority);
#define cv_broadcast(variable)	cv_broadcastpri(variable, 0)

#endif
