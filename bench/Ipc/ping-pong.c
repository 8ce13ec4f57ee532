/*
 * Two processes send 64 bytes back and forth. Usage: ping-pong spin|sleep|socket ROUNDS
 * Prints one line: the 50th, 99th and 99.9th percentile of a round trip, in nanoseconds.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, WARM_UP = 2000, SPIN_NANOSECONDS = 20000, POLLS_PER_LOOK = 16 };

struct side {
    _Alignas(64) atomic_int number;
    _Alignas(64) atomic_int asleep;
    _Alignas(64) char bytes[SIZE];
};

static int spins;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void publish(struct side *side, int number)
{
    atomic_store(&side->number, number);
    if (atomic_load(&side->asleep)) {
        atomic_store(&side->asleep, 0);
        syscall(SYS_futex, &side->asleep, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

static void await(struct side *side, int number)
{
    uint64_t end = spins ? now() + SPIN_NANOSECONDS : 0;
    for (;;) {
        for (int poll = 0; poll < POLLS_PER_LOOK; poll++) {
            if (atomic_load_explicit(&side->number, memory_order_acquire) == number)
                return;
            __builtin_ia32_pause();
        }
        if (spins && now() < end)
            continue;
        atomic_store(&side->asleep, 1);
        if (atomic_load(&side->number) != number)
            syscall(SYS_futex, &side->asleep, FUTEX_WAIT, 1, NULL, NULL, 0);
        atomic_store(&side->asleep, 0);
    }
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    int socket_mode = strcmp(arguments[1], "socket") == 0, rounds = atoi(arguments[2]);
    spins = strcmp(arguments[1], "spin") == 0;
    struct side *sides = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int pair[2];
    uint64_t *times = calloc((size_t)rounds, sizeof *times);
    if (sides == MAP_FAILED || times == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
        return 1;
    char bytes[SIZE] = {1};
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int number = 1;; number++) {
            if (socket_mode) {
                if (recv(pair[1], bytes, SIZE, 0) != SIZE || send(pair[1], bytes, SIZE, 0) != SIZE)
                    return 1;
                continue;
            }
            await(&sides[0], number);
            memcpy(bytes, sides[0].bytes, SIZE);
            memcpy(sides[1].bytes, bytes, SIZE);
            publish(&sides[1], number);
        }
    }
    for (int number = 1; number <= rounds + WARM_UP; number++) {
        uint64_t begin = now();
        if (socket_mode) {
            if (send(pair[0], bytes, SIZE, 0) != SIZE || recv(pair[0], bytes, SIZE, 0) != SIZE)
                return 1;
        } else {
            memcpy(sides[0].bytes, bytes, SIZE);
            publish(&sides[0], number);
            await(&sides[1], number);
            memcpy(bytes, sides[1].bytes, SIZE);
        }
        if (number > WARM_UP)
            times[number - WARM_UP - 1] = now() - begin;
    }
    kill(child, SIGKILL);
    qsort(times, (size_t)rounds, sizeof *times, compare);
    printf("%lu %lu %lu\n", (unsigned long)times[rounds / 2], (unsigned long)times[(size_t)rounds * 99 / 100], (unsigned long)times[(size_t)rounds * 999 / 1000]);
    return 0;
}
