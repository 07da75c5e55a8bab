/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/types.h>

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/* --- rings ---------------------------------------------------------------- */

#define list_entry		container_of
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_first_entry(head, __typeof__(*(pos)), member);	\
	     &(pos)->member != (head);					\
	     pos = list_entry((pos)->member.next, __typeof__(*(pos)), member))

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline int list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void shim_list_join(struct list_head *a, struct list_head *b)
{
	a->next = b;
	b->prev = a;
}

static inline void list_del_init(struct list_head *entry)
{
	shim_list_join(entry->prev, entry->next);
	INIT_LIST_HEAD(entry);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	list_del_init(entry);
	shim_list_join(entry, head->next);
	shim_list_join(head, entry);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *head)
{
	list_move(entry, head->prev);
}

static inline void list_splice_init(struct list_head *list,
				    struct list_head *head)
{
	if (list_empty(list))
		return;
	shim_list_join(list->prev, head->next);
	shim_list_join(head, list->next);
	INIT_LIST_HEAD(list);
}

/* --- chains --------------------------------------------------------------- */

#define hlist_entry		container_of
#define shim_hlist_entry(node, type, member) \
	((node) ? hlist_entry(node, type, member) : NULL)
#define hlist_for_each_entry(pos, head, member)				\
	for (pos = shim_hlist_entry((head)->first, __typeof__(*(pos)), member); \
	     pos;							\
	     pos = shim_hlist_entry((pos)->member.next,			\
				    __typeof__(*(pos)), member))

static inline void INIT_HLIST_HEAD(struct hlist_head *head)
{
	head->first = NULL;
}

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->link = NULL;
}

static inline int hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

static inline int hlist_unhashed(const struct hlist_node *node)
{
	return !node->link;
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	node->next = head->first;
	node->link = &head->first;
	if (node->next)
		node->next->link = &node->next;
	head->first = node;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	INIT_HLIST_NODE(node);
}

#endif /* SHIM_LINUX_LIST_H */
