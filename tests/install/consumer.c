/* A stranger's program: knows thor.h and nothing else of thor. Opens a run, translates a line, trains one step's
 * gradient on a batch of two sentences and reads a parameter, its gradient and an activation. */
#include <stdio.h>
#include <string.h>
#include <thor.h>

static int complain(const char *what, const thor_message *message)
{
    fprintf(stderr, "consumer: %s: %s\n", what, message->text);
    return 1;
}

static int run_batch(thor_session *session, thor_message *message)
{
    static const int32_t source[] = { 5, 6, 7, 2, 8, 2, 1, 1 }, target_in[] = { 2, 9, 10, 2, 11, 1 };
    static const int32_t target_out[] = { 9, 10, 2, 11, 2, 1 }, first[] = { 0, 1 }, second[] = { 1, 0 };
    const thor_padded_batch batch = { 2, 4, 3, source, target_in, target_out, first, second, second };
    thor_batch_losses losses;
    thor_view view;
    if (thor_session_run(session, &batch, 1, 1, 0, &losses, message) != THOR_SUCCESS)
        return complain("run", message);
    if (losses.tokens != 5 || !(losses.nll > 0)) {
        fprintf(stderr, "consumer: %lld tokens with a loss of %g\n", (long long)losses.tokens, losses.nll);
        return 1;
    }
    static const char *const names[] = { "embed.weight", "gradient:embed.weight", "encoder.output" };
    for (int i = 0; i < 3; i++)
        if (thor_session_tensor(session, names[i], &view, message) != THOR_SUCCESS || view.dims != 2 || !view.data)
            return complain(names[i], message);
    if (thor_session_tensor(session, "no.such.tensor", &view, message) == THOR_SUCCESS) {
        fprintf(stderr, "consumer: a tensor that is not there was found\n");
        return 1;
    }
    return 0;
}

int main(int count, char *argument[])
{
    thor_session *session;
    thor_message message = { "" };
    char *text;
    if (count != 5) {
        fprintf(stderr, "usage: consumer RUN FROM TO LINE\n");
        return 2;
    }
    if (thor_session_open(&session, argument[1], NULL, &message) != THOR_SUCCESS)
        return complain(argument[1], &message);
    int failed = thor_session_translate(session, argument[2], argument[3], NULL, argument[4], &text, &message);
    if (failed) {
        complain(argument[4], &message);
    } else {
        puts(text);
        thor_text_free(text);
        failed = run_batch(session, &message);
    }
    thor_session_close(session);
    return failed ? 1 : 0;
}
