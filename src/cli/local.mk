thor_SOURCES += \
	src/cli/cmd.h \
	src/cli/cmd_vocab.c \
	src/cli/commands.c \
	src/cli/main.c \
	src/cli/opt.c src/cli/opt.h src/cli/opt_help.c \
	src/cli/vocab_lines.c src/cli/vocab_lines.h
