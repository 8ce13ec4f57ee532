/* Priorities: they order nothing here (one processor, no preemption), but drivers name them. */
#ifndef _SYS_PRIORITY_H_
#define _SYS_PRIORITY_H_

#define PI_REALTIME	0
#define PI_AV		4
#define PI_TTYHIGH	8
#define PI_TAPE		12
#define PI_NET		16
#define PI_DISK		20
#define PI_TTYLOW	24
#define PI_DISKLOW	28
#define PI_DULL		32
#define PSWP		64
#define PVM		68
#define PINOD		72
#define PRIBIO		76
#define PVFS		80
#define PZERO		84
#define PSOCK		88
#define PWAIT		92
#define PCONFIG		96
#define PLOCK		100
#define PPAUSE		104

#endif
