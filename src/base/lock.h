/* The write lock of a file, which goes with the process however that ends. */
#ifndef THOR_BASE_LOCK_H
#define THOR_BASE_LOCK_H

typedef enum thor_lock {
    THOR_LOCK_TAKEN,
    THOR_LOCK_BUSY,         /* another process has it */
    THOR_LOCK_ABSENT        /* this file system has no locks: nobody is kept out */
} thor_lock;

/* Asks for the lock of a file that is open for writing; does not wait. */
thor_lock thor_lock_take(int file);

/* The process that has the lock; 0 where it cannot be told. */
long thor_lock_owner(int file);

#endif
