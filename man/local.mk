dist_man_MANS += man/thor.1
dist_man_MANS += man/thor-score.1
