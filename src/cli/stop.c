#include "cli/stop.h"

#include <signal.h>
#include <string.h>

/* A signal handler has nowhere else to put what it saw. */
static volatile sig_atomic_t seen;

static void remember(int number)
{
    seen = number;
}

void thor_stop_listen(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remember;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int thor_stop_signal(void)
{
    return seen;
}
