/* Folders that appear whole or not at all. */
#ifndef THOR_BASE_FOLDER_H
#define THOR_BASE_FOLDER_H

#include "base/status.h"

/* Makes a folder and its parents; an existing folder is fine. */
thor_status thor_make_folder(const char *path, thor_error *error);

/* Brings the files of a folder, not those of folders in it, and the folder itself onto the disk. */
thor_status thor_sync_folder(const char *path, thor_error *error);

/* Renames a folder or file written aside to its final name. An existing target folder changes places with it in one
 * step and is removed after; where the system has no such step (only Linux has), it is first moved to
 * `path`.old-N. */
thor_status thor_replace_folder(const char *aside, const char *path, thor_error *error);

/* Removes a folder and what is in it. A folder that is not there is fine. */
thor_status thor_remove_folder(const char *path, thor_error *error);

/* Puts files into the folder `folder`, which is there and empty. */
typedef thor_status thor_folder_filler(void *context, const char *folder, thor_error *error);

/* Makes the folder `path`.part-N (base/aside.h), lets `fill` put files into it, syncs it and gives it its name as
 * thor_replace_folder does. Slashes at the end of `path` do not count. After an error what stood at `path` is untouched
 * and the part is removed. */
thor_status thor_folder_write(const char *path, thor_folder_filler *fill, void *context, thor_error *error);

#endif
