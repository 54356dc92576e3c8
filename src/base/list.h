// Intrusive doubly linked list. The head is a node of its own; an unlinked node points to itself.
#ifndef QD_BASE_LIST_H
#define QD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct qd_list {
  struct qd_list *prev, *next;
} qd_list;

#define QD_CONTAINER_OF(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void qd_list_init(qd_list *l) { l->prev = l->next = l; }
static inline bool qd_list_empty(const qd_list *l) { return l->next == l; }
static inline void qd_list_push(qd_list *head, qd_list *node) {  // at the end
  node->prev = head->prev;
  node->next = head;
  head->prev->next = node;
  head->prev = node;
}
static inline void qd_list_remove(qd_list *node) {  // harmless on an unlinked node
  node->prev->next = node->next;
  node->next->prev = node->prev;
  qd_list_init(node);
}
static inline qd_list *qd_list_shift(qd_list *head) {  // first node unlinked, NULL when empty
  qd_list *node = head->next;
  if (node == head) return NULL;
  qd_list_remove(node);  // NOLINT(clang-analyzer-unix.Malloc): it forgets that a freed node was unlinked
  return node;
}

#endif
