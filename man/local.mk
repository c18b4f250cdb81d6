dist_man_MANS += man/thor.1
