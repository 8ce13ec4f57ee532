/* Counting semaphores: sema(9). */
#ifndef _SYS_SEMA_H_
#define _SYS_SEMA_H_

#include <sys/types.h>

struct sema {
	const char	*sema_description;
	int		sema_waiters;
	int		sema_value;
};

void	sema_init(struct sema *semaphore, int value, const char *text);
void	sema_destroy(struct sema *semaphore);
void	sema_post(struct sema *semaphore);
void	sema_wait(struct sema *semaphore);
/* 0 when the semaphore was taken, an error number otherwise. */
int	sema_timedwait(struct sema *semaphore, int ticks);
int	sema_trywait(struct sema *semaphore);
int	sema_value(struct sema *semaphore);

#endif
