/* Version, sizes, and the arithmetic that everybody uses. */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_

/* The kernel programming interface that these headers describe: 7.0-RELEASE. */
#define __FreeBSD_version	700055
#ifndef __FreeBSD__
#define __FreeBSD__		7
#endif
#define BSD			199506
#define BSD4_3			1
#define BSD4_4			1

#include <sys/types.h>
#include <sys/stddef.h>
#include <sys/errno.h>
#include <sys/time.h>
#include <sys/priority.h>
#include <machine/param.h>

#define MAXPHYS		(128 * 1024)
#define DFLTPHYS	(64 * 1024)
#define MAXDUMPPGS	(DFLTPHYS / PAGE_SIZE)
#define DEV_BSHIFT	9
#define DEV_BSIZE	(1 << DEV_BSHIFT)
#define BLKDEV_IOSIZE	PAGE_SIZE
#define SPECNAMELEN	63
#define MAXPATHLEN	1024
#define PATH_MAX	1024
#define MAXHOSTNAMELEN	256
#define MAXBSIZE	65536
#define NBPW		sizeof(int)

/* Mbufs: sizes of small ones and of clusters. */
#define MSIZE		256
#define MCLSHIFT	11
#define MCLBYTES	(1 << MCLSHIFT)
#define MJUMPAGESIZE	PAGE_SIZE
#define MJUM9BYTES	(9 * 1024)
#define MJUM16BYTES	(16 * 1024)

/* Flags of sleeping: the low byte is the priority. */
#define PRIMASK		0x0ff
#define PCATCH		0x100
#define PDROP		0x200

#define btodb(bytes)	((daddr_t)((bytes) >> DEV_BSHIFT))
#define dbtob(blocks)	((off_t)(blocks) << DEV_BSHIFT)

#define NBBY		8
#define setbit(bits, bit)	(((unsigned char *)(bits))[(bit) / NBBY] |= 1 << ((bit) % NBBY))
#define clrbit(bits, bit)	(((unsigned char *)(bits))[(bit) / NBBY] &= ~(1 << ((bit) % NBBY)))
#define isset(bits, bit)	(((const unsigned char *)(bits))[(bit) / NBBY] & (1 << ((bit) % NBBY)))
#define isclr(bits, bit)	(isset(bits, bit) == 0)

#define nitems(array)		(sizeof(array) / sizeof((array)[0]))
#define howmany(count, unit)	(((count) + ((unit) - 1)) / (unit))
#define rounddown(value, unit)	(((value) / (unit)) * (unit))
#define roundup(value, unit)	((((value) + ((unit) - 1)) / (unit)) * (unit))
#define roundup2(value, power)	(((value) + ((power) - 1)) & ~((power) - 1))
#define rounddown2(value, power) ((value) & ~((power) - 1))
#define powerof2(value)		((((value) - 1) & (value)) == 0)

#ifndef MIN
#define MIN(left, right)	((left) < (right) ? (left) : (right))
#define MAX(left, right)	((left) > (right) ? (left) : (right))
#endif

#define ctod(page)	((page) << (PAGE_SHIFT - DEV_BSHIFT))
#define dtoc(block)	((block) >> (PAGE_SHIFT - DEV_BSHIFT))
#define member2struct(name, field, pointer) __containerof(pointer, struct name, field)

#include <sys/endian.h>
#define htonl(value)	htobe32(value)
#define htons(value)	htobe16(value)
#define ntohl(value)	be32toh(value)
#define ntohs(value)	be16toh(value)

#endif
