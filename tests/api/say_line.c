/* `thor translate` by way of thor.h: say_line RUN FROM TO DOMAIN LINE, "-" for no domain. Ends as the program does: 2
 * for wrong use, 1 for anything else, and the sentence on standard error. library.sh lays the two side by side. */
#include <stdio.h>
#include <string.h>

#include "thor.h"

static int complain(int code, const thor_message *message)
{
    fprintf(stderr, "%s\n", message->text);
    return code == THOR_WRONG_USE ? 2 : 1;
}

int main(int count, char *argument[])
{
    thor_session *session;
    thor_message message;
    char *text;
    if (count != 6)
        return 99;
    const char *domain = strcmp(argument[4], "-") == 0 ? NULL : argument[4];
    int code = thor_session_open(&session, argument[1], NULL, &message);
    if (code != THOR_SUCCESS)
        return complain(code, &message);
    code = thor_session_translate(session, argument[2], argument[3], domain, argument[5], &text, &message);
    int ended = code == THOR_SUCCESS ? 0 : complain(code, &message);
    if (code == THOR_SUCCESS)
        puts(text);
    thor_text_free(text);
    thor_session_close(session);
    return ended;
}
