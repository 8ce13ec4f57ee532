/* Queues of block requests: in one direction across the medium, then again from the start. */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/bio.h>

void
bioq_init(struct bio_queue_head *queue)
{
	TAILQ_INIT(&queue->queue);
	queue->last_offset = 0;
	queue->insert_point = NULL;
}

void
bioq_insert_head(struct bio_queue_head *queue, struct bio *request)
{
	if (TAILQ_EMPTY(&queue->queue))
		queue->last_offset = request->bio_offset;
	TAILQ_INSERT_HEAD(&queue->queue, request, bio_queue);
}

/* What is sorted in later stays behind a request that was put at the end on purpose. */
void
bioq_insert_tail(struct bio_queue_head *queue, struct bio *request)
{
	TAILQ_INSERT_TAIL(&queue->queue, request, bio_queue);
	queue->insert_point = request;
	queue->last_offset = request->bio_offset;
}

void
bioq_remove(struct bio_queue_head *queue, struct bio *request)
{
	if (queue->insert_point == NULL && request == TAILQ_FIRST(&queue->queue))
		queue->last_offset = request->bio_offset;
	else if (queue->insert_point == request)
		queue->insert_point = NULL;
	TAILQ_REMOVE(&queue->queue, request, bio_queue);
	if (TAILQ_EMPTY(&queue->queue))
		queue->last_offset = 0;
}

struct bio *
bioq_first(struct bio_queue_head *queue)
{
	return (TAILQ_FIRST(&queue->queue));
}

struct bio *
bioq_takefirst(struct bio_queue_head *queue)
{
	struct bio *request = TAILQ_FIRST(&queue->queue);

	if (request != NULL)
		bioq_remove(queue, request);
	return (request);
}

void
bioq_flush(struct bio_queue_head *queue, struct devstat *statistics, int error)
{
	struct bio *request;

	while ((request = bioq_takefirst(queue)) != NULL)
		biofinish(request, statistics, error);
}

/* How far ahead of the head a request lies; what is behind it comes in the next sweep. */
static uoff_t
distance(const struct bio_queue_head *queue, const struct bio *request)
{
	return ((uoff_t)request->bio_offset - (uoff_t)queue->last_offset);
}

void
bioq_disksort(struct bio_queue_head *queue, struct bio *request)
{
	struct bio *before = queue->insert_point;
	struct bio *next = before == NULL ? TAILQ_FIRST(&queue->queue) : TAILQ_NEXT(before, bio_queue);

	while (next != NULL && distance(queue, next) <= distance(queue, request)) {
		before = next;
		next = TAILQ_NEXT(next, bio_queue);
	}
	if (before == NULL)
		TAILQ_INSERT_HEAD(&queue->queue, request, bio_queue);
	else
		TAILQ_INSERT_AFTER(&queue->queue, before, request, bio_queue);
}
