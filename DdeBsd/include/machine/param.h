#ifndef _MACHINE_PARAM_H_
#define _MACHINE_PARAM_H_

#define MACHINE		"amd64"
#define MACHINE_ARCH	"amd64"
#define MAXCPU		1
#define ALIGNBYTES	(sizeof(long) - 1)
#define _ALIGNBYTES	ALIGNBYTES
#define ALIGN(pointer)	(((u_long)(pointer) + ALIGNBYTES) & ~ALIGNBYTES)
#define _ALIGN(pointer)	ALIGN(pointer)
#define ALIGNED_POINTER(pointer, type) 1
#define CACHE_LINE_SIZE	64
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1 << PAGE_SHIFT)
#define PAGE_MASK	(PAGE_SIZE - 1)
#define trunc_page(address)	((unsigned long)(address) & ~(unsigned long)PAGE_MASK)
#define round_page(address)	trunc_page((unsigned long)(address) + PAGE_MASK)
#define atop(address)	((unsigned long)(address) >> PAGE_SHIFT)
#define ptoa(page)	((unsigned long)(page) << PAGE_SHIFT)

#endif
