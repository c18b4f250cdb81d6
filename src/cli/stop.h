/* Signals that ask a long job to end, as a question that its loop asks: SIGINT, SIGTERM, SIGUSR1, SIGUSR2 (what batch
 * systems send ahead of a limit), and SIGHUP unless the program was started with it ignored (nohup). The first signal
 * is remembered; a second one of its kind ends the program at once. */
#ifndef THOR_CLI_STOP_H
#define THOR_CLI_STOP_H

void thor_stop_listen(void);

/* The signal that came, or 0. */
int thor_stop_signal(void);

#endif
