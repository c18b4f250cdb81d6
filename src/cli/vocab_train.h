/* thor vocab train. */
#ifndef THOR_CLI_VOCAB_TRAIN_H
#define THOR_CLI_VOCAB_TRAIN_H

/* The command; returns the exit code. */
int thor_vocab_train(int argc, char **argv);

#endif
