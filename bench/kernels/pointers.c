/* Linked lists: made, merge-sorted, walked and given back, in an order that jumps through memory. */
#include <stdio.h>
#include <stdlib.h>

#ifndef SCALE
#define SCALE 1
#endif

struct node {
    struct node *next;
    int key;
    short weight;
    char tag;
};

static struct node *merge(struct node *a, struct node *b)
{
    struct node head, *last = &head;
    while (a && b) {
        struct node **least = a->key <= b->key ? &a : &b;
        last->next = *least;
        last = *least;
        *least = (*least)->next;
    }
    last->next = a ? a : b;
    return head.next;
}

static struct node *sort(struct node *list, int n)
{
    if (n < 2)
        return list;
    struct node *middle = list;
    for (int i = 1; i < n / 2; i++)
        middle = middle->next;
    struct node *second = middle->next;
    middle->next = NULL;
    return merge(sort(list, n / 2), sort(second, n - n / 2));
}

int main(void)
{
    enum { COUNT = 40000 };
    unsigned seed = 1;
    long sum = 0;
    for (int round = 0; round < 40 / SCALE; round++) {
        struct node *list = NULL;
        for (int i = 0; i < COUNT; i++) {
            struct node *n = malloc(sizeof *n);
            seed = seed * 1103515245 + 12345;
            *n = (struct node){list, (int)(seed >> 8), (short)i, (char)(seed >> 24)};
            list = n;
        }
        list = sort(list, COUNT);
        for (struct node *n = list; n; n = n->next)
            sum = sum * 3 + n->key + n->weight + n->tag;
        while (list) {
            struct node *next = list->next;
            free(list);
            list = next;
        }
    }
    printf("%ld\n", sum);
}
