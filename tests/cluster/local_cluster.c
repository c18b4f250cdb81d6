#include "tests/cluster/local_cluster.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct post {
    const float *const *from;
    const int64_t *from_count;
    const float *block;
    const void *record;
} post;

/* What a rank sends to another: `bytes` while nobody has taken it. */
typedef struct letter {
    const void *bytes;
} letter;

typedef struct shared {
    int size;
    pthread_barrier_t barrier;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    post *posts;                /* [size] */
    letter *letters;            /* [size * size] from, to */
    const char **hosts;
} shared;

typedef struct member {
    shared *all;
    int rank;
    thor_cluster cluster;
    void (*body)(void *context, const thor_cluster *cluster);
    void *context;
} member;

static void meet(const member *m)
{
    pthread_barrier_wait(&m->all->barrier);
}

static void all_to_all(void *state, const float *const *from, const int64_t *from_count, float *const *to,
                       const int64_t *to_count)
{
    member *m = state;
    m->all->posts[m->rank] = (post){ .from = from, .from_count = from_count };
    meet(m);
    for (int r = 0; r < m->all->size; r++) {
        const post *other = &m->all->posts[r];
        if (other->from_count[m->rank] != to_count[r]) {
            fprintf(stderr, "rank %d sends %lld floats to rank %d, which waits for %lld\n", r,
                    (long long)other->from_count[m->rank], m->rank, (long long)to_count[r]);
            abort();
        }
        if (to_count[r] > 0)
            memmove(to[r], other->from[m->rank], (size_t)to_count[r] * sizeof(float));
    }
    meet(m);
}

static void all_gather(void *state, float *block, const int64_t *at)
{
    member *m = state;
    m->all->posts[m->rank] = (post){ .block = block };
    meet(m);
    for (int r = 0; r < m->all->size; r++)
        if (r != m->rank)
            memcpy(block + at[r], m->all->posts[r].block + at[r], (size_t)(at[r + 1] - at[r]) * sizeof(float));
    meet(m);
}

static void exchange(void *state, const void *mine, size_t bytes, void *all)
{
    member *m = state;
    m->all->posts[m->rank] = (post){ .record = mine };
    meet(m);
    for (int r = 0; r < m->all->size; r++)
        memcpy((char *)all + (size_t)r * bytes, m->all->posts[r].record, bytes);
    meet(m);
}

static void broadcast(void *state, void *bytes, size_t count)
{
    member *m = state;
    m->all->posts[m->rank] = (post){ .record = bytes };
    meet(m);
    if (m->rank != 0)
        memcpy(bytes, m->all->posts[0].record, count);
    meet(m);
}

static void send_bytes(void *state, int to, const void *bytes, size_t count)
{
    member *m = state;
    letter *slot = &m->all->letters[m->rank * m->all->size + to];
    (void)count;
    pthread_mutex_lock(&m->all->lock);
    while (slot->bytes)
        pthread_cond_wait(&m->all->changed, &m->all->lock);
    slot->bytes = bytes;
    pthread_cond_broadcast(&m->all->changed);
    while (slot->bytes == bytes)
        pthread_cond_wait(&m->all->changed, &m->all->lock);
    pthread_mutex_unlock(&m->all->lock);
}

static void receive_bytes(void *state, int from, void *bytes, size_t count)
{
    member *m = state;
    letter *slot = &m->all->letters[from * m->all->size + m->rank];
    pthread_mutex_lock(&m->all->lock);
    while (!slot->bytes)
        pthread_cond_wait(&m->all->changed, &m->all->lock);
    memcpy(bytes, slot->bytes, count);
    slot->bytes = NULL;
    pthread_cond_broadcast(&m->all->changed);
    pthread_mutex_unlock(&m->all->lock);
}

static void end_all(void *state, int code)
{
    (void)state;
    exit(code);
}

static void *run_member(void *given)
{
    member *m = given;
    m->body(m->context, &m->cluster);
    return NULL;
}

void local_cluster_run(int size, void (*body)(void *context, const thor_cluster *cluster), void *context)
{
    shared all = { .size = size };
    member *members = calloc((size_t)size, sizeof *members);
    pthread_t *threads = calloc((size_t)size, sizeof *threads);
    all.posts = calloc((size_t)size, sizeof *all.posts);
    all.letters = calloc((size_t)size * (size_t)size, sizeof *all.letters);
    all.hosts = calloc((size_t)size, sizeof *all.hosts);
    if (!members || !threads || !all.posts || !all.letters || !all.hosts)
        abort();
    pthread_barrier_init(&all.barrier, NULL, (unsigned)size);
    pthread_mutex_init(&all.lock, NULL);
    pthread_cond_init(&all.changed, NULL);
    for (int r = 0; r < size; r++) {
        all.hosts[r] = "here";
        members[r] = (member){ .all = &all, .rank = r, .body = body, .context = context };
        members[r].cluster = (thor_cluster){ .rank = r, .size = size, .hosts = all.hosts, .state = &members[r],
                                             .all_to_all = all_to_all, .all_gather = all_gather,
                                             .exchange = exchange, .broadcast = broadcast, .send = send_bytes,
                                             .receive = receive_bytes, .abort = end_all };
        if (pthread_create(&threads[r], NULL, run_member, &members[r]) != 0)
            abort();
    }
    for (int r = 0; r < size; r++)
        pthread_join(threads[r], NULL);
    pthread_barrier_destroy(&all.barrier);
    pthread_mutex_destroy(&all.lock);
    pthread_cond_destroy(&all.changed);
    free(members);
    free(threads);
    free(all.posts);
    free(all.letters);
    free(all.hosts);
}
