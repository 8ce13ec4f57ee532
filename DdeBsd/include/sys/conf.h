/* Character devices: make_dev(9). */
#ifndef _SYS_CONF_H_
#define _SYS_CONF_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/module.h>

struct bio;
struct cdev;
struct thread;
struct uio;
struct knote;
struct cdevsw;

typedef int	dumper_t(void *argument, void *memory, vm_offset_t physical, off_t offset, size_t length);

struct cdev {
	void		*si_private;
	u_int		si_flags;
	u_int		si_drv0;
	void		*si_drv1;
	void		*si_drv2;
	struct cdevsw	*si_devsw;
	int		si_iosize_max;
	char		si_name[64];
};

typedef int	d_open_t(struct cdev *dev, int flags, int type, struct thread *thread);
typedef int	d_fdopen_t(struct cdev *dev, int flags, struct thread *thread, void *file);
typedef int	d_close_t(struct cdev *dev, int flags, int type, struct thread *thread);
typedef void	d_strategy_t(struct bio *request);
typedef int	d_ioctl_t(struct cdev *dev, u_long command, caddr_t data, int flags, struct thread *thread);
typedef int	d_read_t(struct cdev *dev, struct uio *transfer, int flags);
typedef int	d_write_t(struct cdev *dev, struct uio *transfer, int flags);
typedef int	d_poll_t(struct cdev *dev, int events, struct thread *thread);
typedef int	d_kqfilter_t(struct cdev *dev, struct knote *note);
typedef int	d_mmap_t(struct cdev *dev, vm_offset_t offset, vm_paddr_t *physical, int protection);
typedef void	d_purge_t(struct cdev *dev);

#define D_TAPE		0x0001
#define D_DISK		0x0002
#define D_TTY		0x0004
#define D_MEM		0x0008
#define D_TRACKCLOSE	0x00080000
#define D_NEEDGIANT	0x00400000
#define D_NEEDMINOR	0x00800000
#define D_VERSION_00	0x20011966
#define D_VERSION_01	0x17032005
#define D_VERSION	D_VERSION_01

struct cdevsw {
	int		d_version;
	u_int		d_flags;
	const char	*d_name;
	d_open_t	*d_open;
	d_fdopen_t	*d_fdopen;
	d_close_t	*d_close;
	d_read_t	*d_read;
	d_write_t	*d_write;
	d_ioctl_t	*d_ioctl;
	d_poll_t	*d_poll;
	d_mmap_t	*d_mmap;
	d_strategy_t	*d_strategy;
	dumper_t	*d_dump;
	d_kqfilter_t	*d_kqfilter;
	d_purge_t	*d_purge;
};

struct cdev *make_dev(struct cdevsw *methods, int minor, uid_t uid, gid_t gid, int permissions, const char *format, ...)
	    __printflike(6, 7);
struct cdev *make_dev_alias(struct cdev *dev, const char *format, ...) __printflike(2, 3);
void	destroy_dev(struct cdev *dev);
const char *devtoname(struct cdev *dev);
int	dev2unit(struct cdev *dev);
int	unit2minor(int unit);

#define DEV_MODULE(name, handler, argument) \
	static moduledata_t name##_mod = { #name, handler, argument }; \
	DECLARE_MODULE(name, name##_mod, SI_SUB_DRIVERS, SI_ORDER_MIDDLE)

#define UID_ROOT	0
#define GID_WHEEL	0
#define GID_OPERATOR	5

#endif
