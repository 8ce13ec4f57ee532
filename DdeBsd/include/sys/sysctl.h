/* Variables that an administrator sees: sysctl(9). Declared, kept, and shown to nobody yet. */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/linker_set.h>

#define CTLTYPE_NODE	1
#define CTLTYPE_INT	2
#define CTLTYPE_STRING	3
#define CTLTYPE_QUAD	4
#define CTLTYPE_OPAQUE	5
#define CTLTYPE_UINT	6
#define CTLTYPE_LONG	7
#define CTLTYPE_ULONG	8
#define CTLFLAG_RD	0x80000000
#define CTLFLAG_WR	0x40000000
#define CTLFLAG_RW	(CTLFLAG_RD | CTLFLAG_WR)
#define CTLFLAG_TUN	0x00080000
#define CTLFLAG_RDTUN	(CTLFLAG_RD | CTLFLAG_TUN)
#define CTLFLAG_MPSAFE	0x00040000
#define OID_AUTO	(-1)

struct sysctl_req {
	void	*oldptr;
	size_t	oldlen;
	void	*newptr;
	size_t	newlen;
};
struct sysctl_oid;
struct sysctl_oid_list;
struct sysctl_ctx_list { void *entries; };

#define SYSCTL_HANDLER_ARGS	struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req
typedef int (*sysctl_handler_t)(SYSCTL_HANDLER_ARGS);

struct sysctl_oid {
	const char		*oid_parent;
	int			oid_number;
	u_int			oid_kind;
	void			*oid_arg1;
	int			oid_arg2;
	const char		*oid_name;
	sysctl_handler_t	oid_handler;
	const char		*oid_fmt;
	const char		*oid_descr;
};

#define SYSCTL_DECL(name)	struct sysctl_oid_list; extern struct sysctl_oid_list sysctl_##name##_children
#define SYSCTL_OID(parent, number, name, kind, a1, a2, handler, format, text) \
	static struct sysctl_oid sysctl__##parent##_##name = { \
		#parent, number, kind, a1, a2, #name, handler, format, text }; \
	DATA_SET(sysctl_set, sysctl__##parent##_##name)
#define SYSCTL_NODE(parent, number, name, access, handler, text) \
	SYSCTL_OID(parent, number, name, CTLTYPE_NODE | (access), 0, 0, (sysctl_handler_t)handler, "N", text)
#define SYSCTL_INT(parent, number, name, access, pointer, value, text) \
	SYSCTL_OID(parent, number, name, CTLTYPE_INT | (access), pointer, value, sysctl_handle_int, "I", text)
#define SYSCTL_UINT(parent, number, name, access, pointer, value, text) \
	SYSCTL_OID(parent, number, name, CTLTYPE_UINT | (access), pointer, value, sysctl_handle_int, "IU", text)
#define SYSCTL_STRING(parent, number, name, access, pointer, length, text) \
	SYSCTL_OID(parent, number, name, CTLTYPE_STRING | (access), pointer, length, sysctl_handle_string, "A", text)
#define SYSCTL_PROC(parent, number, name, access, pointer, value, handler, format, text) \
	SYSCTL_OID(parent, number, name, (access), pointer, value, handler, format, text)

int	sysctl_handle_int(SYSCTL_HANDLER_ARGS);
int	sysctl_handle_long(SYSCTL_HANDLER_ARGS);
int	sysctl_handle_string(SYSCTL_HANDLER_ARGS);

#endif
