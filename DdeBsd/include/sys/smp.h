#ifndef _SYS_SMP_H_
#define _SYS_SMP_H_
extern int mp_ncpus;
extern int mp_maxid;
#endif
