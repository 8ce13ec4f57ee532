/* Calls with more arguments than the processor's registers hold. */
#include <sys/param.h>

long	_dde_call8(long (*function)(long, long, long, long, long, long, long, long), const long *arguments);

long
_dde_call8(long (*function)(long, long, long, long, long, long, long, long), const long *arguments)
{
	return (function(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], arguments[6], arguments[7]));
}
