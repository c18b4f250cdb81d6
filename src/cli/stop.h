/* SIGINT and SIGTERM as a question that a loop asks itself. The first signal is remembered; a second one ends the
 * program at once. */
#ifndef THOR_CLI_STOP_H
#define THOR_CLI_STOP_H

void thor_stop_listen(void);

/* The signal that came, or 0. */
int thor_stop_signal(void);

#endif
