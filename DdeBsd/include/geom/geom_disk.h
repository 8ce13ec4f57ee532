/* Disks: disk(9). */
#ifndef _GEOM_GEOM_DISK_H_
#define _GEOM_GEOM_DISK_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/_lock.h>
#include <sys/_mutex.h>

struct disk;
struct bio;
struct thread;

typedef int	disk_open_t(struct disk *disk);
typedef int	disk_close_t(struct disk *disk);
typedef void	disk_strategy_t(struct bio *request);
typedef int	disk_ioctl_t(struct disk *disk, u_long command, void *data, int flags, struct thread *thread);
typedef int	dumper_t(void *argument, void *memory, vm_offset_t physical, off_t offset, size_t length);

#define DISK_IDENT_SIZE	256

#define DISKFLAG_NEEDSGIANT	0x1
#define DISKFLAG_OPEN		0x2
#define DISKFLAG_CANDELETE	0x4
#define DISKFLAG_CANFLUSHCACHE	0x8

struct disk {
	/* The framework's. */
	void		*d_geom;
	void		*d_queue;
	int		d_destroyed;

	/* The driver's, set before disk_create. */
	u_int		d_flags;
	const char	*d_name;
	u_int		d_unit;
	disk_open_t	*d_open;
	disk_close_t	*d_close;
	disk_strategy_t	*d_strategy;
	disk_ioctl_t	*d_ioctl;
	dumper_t	*d_dump;
	u_int		d_sectorsize;
	off_t		d_mediasize;
	u_int		d_fwsectors;
	u_int		d_fwheads;
	u_int		d_maxsize;
	u_int		d_stripeoffset;
	u_int		d_stripesize;
	char		d_ident[DISK_IDENT_SIZE];
	void		*d_drv1;
};

#define DISK_VERSION_00	0x58561059
#define DISK_VERSION	DISK_VERSION_00

struct disk *disk_alloc(void);
void	disk_create(struct disk *disk, int version);
void	disk_destroy(struct disk *disk);
void	disk_gone(struct disk *disk);

#endif
