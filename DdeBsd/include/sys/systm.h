/* What every kernel file uses. */
#ifndef _SYS_SYSTM_H_
#define _SYS_SYSTM_H_

#include <sys/param.h>
#include <sys/callout.h>
#include <sys/queue.h>
#include <sys/libkern.h>
#include <machine/atomic.h>
#include <machine/cpufunc.h>
#include <machine/stdarg.h>
#include <sys/pcpu.h>

extern int		bootverbose;
extern int		maxusers;
extern long		physmem;
extern const char	*panicstr;
extern char		version[];
extern char		hostname[];

void	panic(const char *format, ...) __dead2 __printflike(1, 2);

#define CTASSERT(condition)	_Static_assert(condition, #condition)
#ifdef INVARIANTS
#define KASSERT(condition, message)	do { if (__predict_false(!(condition))) panic message; } while (0)
#else
#define KASSERT(condition, message)	do { } while (0)
#endif
#define WITNESS_WARN(flags, lock, format, ...) do { } while (0)

int	printf(const char *format, ...) __printflike(1, 2);
int	vprintf(const char *format, __va_list arguments) __printflike(1, 0);
int	uprintf(const char *format, ...) __printflike(1, 2);
void	log(int level, const char *format, ...) __printflike(2, 3);
int	sprintf(char *buffer, const char *format, ...) __printflike(2, 3);
int	snprintf(char *buffer, size_t size, const char *format, ...) __printflike(3, 4);
int	vsprintf(char *buffer, const char *format, __va_list arguments) __printflike(2, 0);
int	vsnprintf(char *buffer, size_t size, const char *format, __va_list arguments) __printflike(3, 0);
int	sscanf(const char *text, const char *format, ...);

/* The kernel's own conversions (%b, %D) are none that a compiler knows. */
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"

void	bcopy(const void *from, void *to, size_t length);
void	bzero(void *memory, size_t length);
int	copyin(const void *user, void *kernel, size_t length);
int	copyout(const void *kernel, void *user, size_t length);
int	copyinstr(const void *user, void *kernel, size_t length, size_t *copied);

void	DELAY(int microseconds);
int	tsleep(void *channel, int priority, const char *text, int ticks);
struct mtx;
int	msleep(void *channel, struct mtx *mutex, int priority, const char *text, int ticks);
int	msleep_spin(void *channel, struct mtx *mutex, const char *text, int ticks);
int	pause(const char *text, int ticks);
void	wakeup(void *channel);
void	wakeup_one(void *channel);

/* Interrupts of the one processor. */
void	critical_enter(void);
void	critical_exit(void);
void	spinlock_enter(void);
void	spinlock_exit(void);
static __inline int splbio(void) { return (0); }
static __inline int splimp(void) { return (0); }
static __inline int splnet(void) { return (0); }
static __inline int splhigh(void) { return (0); }
static __inline int splsoftvm(void) { return (0); }
static __inline void splx(int level) { (void)level; }

/* Numbers of units: unr(9). */
struct unrhdr;
struct unrhdr *new_unrhdr(int low, int high, struct mtx *mutex);
void	delete_unrhdr(struct unrhdr *numbers);
int	alloc_unr(struct unrhdr *numbers);
void	free_unr(struct unrhdr *numbers, u_int number);

#endif
