/* Errors as values: a code to branch on and one sentence for a person. */
#ifndef THOR_BASE_STATUS_H
#define THOR_BASE_STATUS_H

typedef enum thor_status {
    THOR_OK = 0,
    THOR_E_FAILED = 1,      /* the work failed, or a check did not hold */
    THOR_E_USAGE = 2,       /* an option, key or argument is wrong */
    THOR_E_IO = 3,          /* the operating system refused: file, disk, pipe */
    THOR_E_FORMAT = 4,      /* a file is truncated, corrupt or of another kind */
    THOR_E_MEMORY = 5,      /* memory is not available */
    THOR_E_NUMBER = 6       /* a value is not finite where it has to be */
} thor_status;

typedef struct thor_error {
    thor_status code;
    char text[1024];        /* where, what was found, what was expected, what to try; no newline */
} thor_error;

#if defined(__GNUC__)
#define THOR_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define THOR_PRINTF(string, first)
#endif

/* Writes the sentence into `error` (which may be NULL) and returns `code`: `return thor_fail(error, …)`. */
thor_status thor_fail(thor_error *error, thor_status code, const char *format, ...) THOR_PRINTF(3, 4);

/* The program's exit code for a status: 0 success, 2 wrong usage, 1 everything else. */
int thor_exit_code(thor_status status);

/* Returns the enclosing function's status at once when a call fails. */
#define THOR_TRY(call)                          \
    do {                                        \
        thor_status try_status_ = (call);       \
        if (try_status_ != THOR_OK)             \
            return try_status_;                 \
    } while (0)

#endif
