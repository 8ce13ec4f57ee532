/* Time since boot and of day: microtime(9), getmicrotime(9). */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_

#include <sys/types.h>

struct timeval {
	time_t		tv_sec;
	suseconds_t	tv_usec;
};

struct timespec {
	time_t	tv_sec;
	long	tv_nsec;
};

struct bintime {
	time_t		sec;
	uint64_t	frac;
};

#ifdef _KERNEL
extern volatile time_t	time_second;
extern volatile time_t	time_uptime;
extern struct timeval	boottime;

void	microtime(struct timeval *now);
void	microuptime(struct timeval *up);
void	getmicrotime(struct timeval *now);
void	getmicrouptime(struct timeval *up);
void	nanotime(struct timespec *now);
void	nanouptime(struct timespec *up);
void	getnanotime(struct timespec *now);
void	getnanouptime(struct timespec *up);
int	ratecheck(struct timeval *last, const struct timeval *least);
int	ppsratecheck(struct timeval *last, int *count, int most);
int	tvtohz(struct timeval *length);
void	timevaladd(struct timeval *to, const struct timeval *added);
void	timevalsub(struct timeval *from, const struct timeval *taken);
#define timevalclear(value)	((value)->tv_sec = (value)->tv_usec = 0)
#define timevalisset(value)	((value)->tv_sec || (value)->tv_usec)
#define timevalcmp(left, right, operator) \
	((left)->tv_sec == (right)->tv_sec ? (left)->tv_usec operator (right)->tv_usec \
	    : (left)->tv_sec operator (right)->tv_sec)
#endif

#endif
