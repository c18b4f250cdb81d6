#include "cli/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* A signal handler has nowhere else to put what it saw. */
static volatile sig_atomic_t seen;

static void remember(int number)
{
    seen = number;
}

static bool is_ignored(int number)
{
    struct sigaction before;
    return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

void thor_stop_listen(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP };
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remember;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] != SIGHUP || !is_ignored(SIGHUP))
            sigaction(numbers[i], &action, NULL);
}

int thor_stop_signal(void)
{
    return seen;
}
