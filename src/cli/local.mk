thor_SOURCES += \
	src/cli/cmd.h \
	src/cli/commands.c \
	src/cli/main.c \
	src/cli/opt.c src/cli/opt.h src/cli/opt_help.c
thor_SOURCES += \
	src/cli/cmd_score.c \
	src/cli/score_cli.h src/cli/score_single.c src/cli/score_systems.c \
	src/cli/score_table.c src/cli/score_table.h src/cli/score_table_print.c
