/* Lists: queue(3). S: singly linked; ST: with a tail; L: doubly linked; T: with a tail. */
#ifndef _SYS_QUEUE_H_
#define _SYS_QUEUE_H_

#include <sys/cdefs.h>

/* Singly linked list. */
#define SLIST_HEAD(name, type)	struct name { struct type *slh_first; }
#define SLIST_HEAD_INITIALIZER(head) { NULL }
#define SLIST_ENTRY(type)	struct { struct type *sle_next; }
#define SLIST_EMPTY(head)	((head)->slh_first == NULL)
#define SLIST_FIRST(head)	((head)->slh_first)
#define SLIST_NEXT(element, field)	((element)->field.sle_next)
#define SLIST_INIT(head)	do { (head)->slh_first = NULL; } while (0)
#define SLIST_INSERT_HEAD(head, element, field) do { \
	(element)->field.sle_next = (head)->slh_first; \
	(head)->slh_first = (element); \
} while (0)
#define SLIST_INSERT_AFTER(before, element, field) do { \
	(element)->field.sle_next = (before)->field.sle_next; \
	(before)->field.sle_next = (element); \
} while (0)
#define SLIST_REMOVE_HEAD(head, field) do { \
	(head)->slh_first = (head)->slh_first->field.sle_next; \
} while (0)
#define SLIST_REMOVE(head, element, type, field) do { \
	struct type **_link = &(head)->slh_first; \
	while (*_link != (element)) \
		_link = &(*_link)->field.sle_next; \
	*_link = (element)->field.sle_next; \
} while (0)
#define SLIST_FOREACH(element, head, field) \
	for ((element) = (head)->slh_first; (element); (element) = (element)->field.sle_next)
#define SLIST_FOREACH_SAFE(element, head, field, following) \
	for ((element) = (head)->slh_first; \
	    (element) && ((following) = (element)->field.sle_next, 1); (element) = (following))

/* Singly linked list with a tail. */
#define STAILQ_HEAD(name, type)	struct name { struct type *stqh_first; struct type **stqh_last; }
#define STAILQ_HEAD_INITIALIZER(head) { NULL, &(head).stqh_first }
#define STAILQ_ENTRY(type)	struct { struct type *stqe_next; }
#define STAILQ_EMPTY(head)	((head)->stqh_first == NULL)
#define STAILQ_FIRST(head)	((head)->stqh_first)
#define STAILQ_NEXT(element, field)	((element)->field.stqe_next)
#define STAILQ_LAST(head, type, field) \
	(STAILQ_EMPTY(head) ? NULL : __containerof((head)->stqh_last, struct type, field.stqe_next))
#define STAILQ_INIT(head) do { \
	(head)->stqh_first = NULL; \
	(head)->stqh_last = &(head)->stqh_first; \
} while (0)
#define STAILQ_INSERT_HEAD(head, element, field) do { \
	if (((element)->field.stqe_next = (head)->stqh_first) == NULL) \
		(head)->stqh_last = &(element)->field.stqe_next; \
	(head)->stqh_first = (element); \
} while (0)
#define STAILQ_INSERT_TAIL(head, element, field) do { \
	(element)->field.stqe_next = NULL; \
	*(head)->stqh_last = (element); \
	(head)->stqh_last = &(element)->field.stqe_next; \
} while (0)
#define STAILQ_INSERT_AFTER(head, before, element, field) do { \
	if (((element)->field.stqe_next = (before)->field.stqe_next) == NULL) \
		(head)->stqh_last = &(element)->field.stqe_next; \
	(before)->field.stqe_next = (element); \
} while (0)
#define STAILQ_REMOVE_HEAD(head, field) do { \
	if (((head)->stqh_first = (head)->stqh_first->field.stqe_next) == NULL) \
		(head)->stqh_last = &(head)->stqh_first; \
} while (0)
#define STAILQ_REMOVE(head, element, type, field) do { \
	struct type **_link = &(head)->stqh_first; \
	while (*_link != (element)) \
		_link = &(*_link)->field.stqe_next; \
	if ((*_link = (element)->field.stqe_next) == NULL) \
		(head)->stqh_last = _link; \
} while (0)
#define STAILQ_CONCAT(head, added) do { \
	if (!STAILQ_EMPTY(added)) { \
		*(head)->stqh_last = (added)->stqh_first; \
		(head)->stqh_last = (added)->stqh_last; \
		STAILQ_INIT(added); \
	} \
} while (0)
#define STAILQ_FOREACH(element, head, field) \
	for ((element) = (head)->stqh_first; (element); (element) = (element)->field.stqe_next)
#define STAILQ_FOREACH_SAFE(element, head, field, following) \
	for ((element) = (head)->stqh_first; \
	    (element) && ((following) = (element)->field.stqe_next, 1); (element) = (following))

/* Doubly linked list. */
#define LIST_HEAD(name, type)	struct name { struct type *lh_first; }
#define LIST_HEAD_INITIALIZER(head) { NULL }
#define LIST_ENTRY(type)	struct { struct type *le_next; struct type **le_prev; }
#define LIST_EMPTY(head)	((head)->lh_first == NULL)
#define LIST_FIRST(head)	((head)->lh_first)
#define LIST_NEXT(element, field)	((element)->field.le_next)
#define LIST_INIT(head)		do { (head)->lh_first = NULL; } while (0)
#define LIST_INSERT_HEAD(head, element, field) do { \
	if (((element)->field.le_next = (head)->lh_first) != NULL) \
		(head)->lh_first->field.le_prev = &(element)->field.le_next; \
	(head)->lh_first = (element); \
	(element)->field.le_prev = &(head)->lh_first; \
} while (0)
#define LIST_INSERT_AFTER(before, element, field) do { \
	if (((element)->field.le_next = (before)->field.le_next) != NULL) \
		(before)->field.le_next->field.le_prev = &(element)->field.le_next; \
	(before)->field.le_next = (element); \
	(element)->field.le_prev = &(before)->field.le_next; \
} while (0)
#define LIST_INSERT_BEFORE(behind, element, field) do { \
	(element)->field.le_prev = (behind)->field.le_prev; \
	(element)->field.le_next = (behind); \
	*(behind)->field.le_prev = (element); \
	(behind)->field.le_prev = &(element)->field.le_next; \
} while (0)
#define LIST_REMOVE(element, field) do { \
	if ((element)->field.le_next != NULL) \
		(element)->field.le_next->field.le_prev = (element)->field.le_prev; \
	*(element)->field.le_prev = (element)->field.le_next; \
} while (0)
#define LIST_FOREACH(element, head, field) \
	for ((element) = (head)->lh_first; (element); (element) = (element)->field.le_next)
#define LIST_FOREACH_SAFE(element, head, field, following) \
	for ((element) = (head)->lh_first; \
	    (element) && ((following) = (element)->field.le_next, 1); (element) = (following))

/* Doubly linked list with a tail. */
#define TAILQ_HEAD(name, type)	struct name { struct type *tqh_first; struct type **tqh_last; }
#define TAILQ_HEAD_INITIALIZER(head) { NULL, &(head).tqh_first }
#define TAILQ_ENTRY(type)	struct { struct type *tqe_next; struct type **tqe_prev; }
#define TAILQ_EMPTY(head)	((head)->tqh_first == NULL)
#define TAILQ_FIRST(head)	((head)->tqh_first)
#define TAILQ_NEXT(element, field)	((element)->field.tqe_next)
#define TAILQ_LAST(head, name)	(*((struct name *)(head)->tqh_last)->tqh_last)
#define TAILQ_PREV(element, name, field) (*((struct name *)(element)->field.tqe_prev)->tqh_last)
#define TAILQ_INIT(head) do { \
	(head)->tqh_first = NULL; \
	(head)->tqh_last = &(head)->tqh_first; \
} while (0)
#define TAILQ_INSERT_HEAD(head, element, field) do { \
	if (((element)->field.tqe_next = (head)->tqh_first) != NULL) \
		(head)->tqh_first->field.tqe_prev = &(element)->field.tqe_next; \
	else \
		(head)->tqh_last = &(element)->field.tqe_next; \
	(head)->tqh_first = (element); \
	(element)->field.tqe_prev = &(head)->tqh_first; \
} while (0)
#define TAILQ_INSERT_TAIL(head, element, field) do { \
	(element)->field.tqe_next = NULL; \
	(element)->field.tqe_prev = (head)->tqh_last; \
	*(head)->tqh_last = (element); \
	(head)->tqh_last = &(element)->field.tqe_next; \
} while (0)
#define TAILQ_INSERT_AFTER(head, before, element, field) do { \
	if (((element)->field.tqe_next = (before)->field.tqe_next) != NULL) \
		(element)->field.tqe_next->field.tqe_prev = &(element)->field.tqe_next; \
	else \
		(head)->tqh_last = &(element)->field.tqe_next; \
	(before)->field.tqe_next = (element); \
	(element)->field.tqe_prev = &(before)->field.tqe_next; \
} while (0)
#define TAILQ_INSERT_BEFORE(behind, element, field) do { \
	(element)->field.tqe_prev = (behind)->field.tqe_prev; \
	(element)->field.tqe_next = (behind); \
	*(behind)->field.tqe_prev = (element); \
	(behind)->field.tqe_prev = &(element)->field.tqe_next; \
} while (0)
#define TAILQ_REMOVE(head, element, field) do { \
	if ((element)->field.tqe_next != NULL) \
		(element)->field.tqe_next->field.tqe_prev = (element)->field.tqe_prev; \
	else \
		(head)->tqh_last = (element)->field.tqe_prev; \
	*(element)->field.tqe_prev = (element)->field.tqe_next; \
} while (0)
#define TAILQ_CONCAT(head, added, field) do { \
	if (!TAILQ_EMPTY(added)) { \
		*(head)->tqh_last = (added)->tqh_first; \
		(added)->tqh_first->field.tqe_prev = (head)->tqh_last; \
		(head)->tqh_last = (added)->tqh_last; \
		TAILQ_INIT(added); \
	} \
} while (0)
#define TAILQ_FOREACH(element, head, field) \
	for ((element) = (head)->tqh_first; (element); (element) = (element)->field.tqe_next)
#define TAILQ_FOREACH_SAFE(element, head, field, following) \
	for ((element) = (head)->tqh_first; \
	    (element) && ((following) = (element)->field.tqe_next, 1); (element) = (following))
#define TAILQ_FOREACH_REVERSE(element, head, name, field) \
	for ((element) = TAILQ_LAST(head, name); (element); (element) = TAILQ_PREV(element, name, field))

#endif
