dist_man_MANS += man/thor.1
dist_man_MANS += man/thor-checkpoint.5 man/thor-config.5 man/thor-train.1
dist_man_MANS += man/thor-prepare.1 man/thor-data.5
dist_man_MANS += man/thor-vocab.1
dist_man_MANS += man/thor-translate.1 man/thor-inspect.1 man/thor-demo.7
dist_man_MANS += man/thor-average.1 man/thor-score.1
dist_man_MANS += man/thor-golden.1 man/thor-golden.5 man/thor-gpu-check.7
dist_man_MANS += man/thor-model.7 man/thor-numerics.7
# The page of the tables and their report; installed with the command, which is still to come.
EXTRA_DIST += man/thor-reproduce.1
