/* Block requests: bio(9). */
#ifndef _SYS_BIO_H_
#define _SYS_BIO_H_

#include <sys/queue.h>

#define BIO_READ	0x01
#define BIO_WRITE	0x02
#define BIO_DELETE	0x04
#define BIO_GETATTR	0x08
#define BIO_FLUSH	0x10
#define BIO_CMD0	0x20
#define BIO_CMD1	0x40
#define BIO_CMD2	0x80

#define BIO_ERROR	0x01
#define BIO_DONE	0x02
#define BIO_ONQUEUE	0x04

struct disk;
struct bio;
struct devstat;
typedef void bio_task_t(void *argument);

struct bio {
	uint8_t		bio_cmd;
	uint8_t		bio_flags;
	uint8_t		bio_cflags;		/* the consumer's */
	uint8_t		bio_pflags;		/* the provider's */
	struct cdev	*bio_dev;
	struct disk	*bio_disk;
	off_t		bio_offset;		/* bytes from the start of the medium */
	long		bio_bcount;		/* bytes, as bio_length */
	caddr_t		bio_data;
	int		bio_error;
	long		bio_resid;		/* bytes not transferred */
	void		(*bio_done)(struct bio *);
	void		*bio_driver1;
	void		*bio_driver2;
	void		*bio_caller1;
	void		*bio_caller2;
	TAILQ_ENTRY(bio) bio_queue;
	const char	*bio_attribute;
	void		*bio_from;
	void		*bio_to;
	off_t		bio_length;
	off_t		bio_completed;
	u_int		bio_children;
	u_int		bio_inbed;
	struct bio	*bio_parent;
	bio_task_t	*bio_task;
	void		*bio_task_arg;
	daddr_t		bio_pblkno;		/* the first sector */
};

struct uio;
TAILQ_HEAD(bio_queue, bio);

/* Requests that wait, in an order that suits a disk's head. */
struct bio_queue_head {
	TAILQ_HEAD(bio_queue_list, bio) queue;
	off_t		last_offset;
	struct bio	*insert_point;
};

void	biodone(struct bio *request);
void	biofinish(struct bio *request, struct devstat *statistics, int error);
int	biowait(struct bio *request, const char *text);
void	bioq_init(struct bio_queue_head *queue);
void	bioq_disksort(struct bio_queue_head *queue, struct bio *request);
void	bioq_insert_head(struct bio_queue_head *queue, struct bio *request);
void	bioq_insert_tail(struct bio_queue_head *queue, struct bio *request);
void	bioq_remove(struct bio_queue_head *queue, struct bio *request);
struct bio *bioq_first(struct bio_queue_head *queue);
struct bio *bioq_takefirst(struct bio_queue_head *queue);
void	bioq_flush(struct bio_queue_head *queue, struct devstat *statistics, int error);

#endif
