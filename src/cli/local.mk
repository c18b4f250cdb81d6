thor_SOURCES += \
	src/cli/cmd.h \
	src/cli/cmd_doctor.c \
	src/cli/commands.c \
	src/cli/main.c \
	src/cli/opt.c src/cli/opt.h src/cli/opt_help.c
thor_SOURCES += \
	src/cli/cmd_vocab.c \
	src/cli/learn_choice.c src/cli/learn_choice.h \
	src/cli/line_batch.c src/cli/line_batch.h \
	src/cli/vocab_lines.c src/cli/vocab_lines.h \
	src/cli/vocab_train.c src/cli/vocab_train.h
thor_SOURCES += \
	src/cli/cmd_score.c \
	src/cli/score_cli.h src/cli/score_comet.c src/cli/score_single.c src/cli/score_systems_print.c \
	src/cli/score_table_print.c
thor_SOURCES += \
	src/cli/cmd_prepare.c src/cli/cmd_prepare_folder.c src/cli/cmd_prepare_tell.c \
	src/cli/cmd_prepare_vocab.c src/cli/prepare_cli.h \
	src/cli/manifest.c src/cli/manifest.h
thor_SOURCES += \
	src/cli/cmd_train.c \
	src/cli/stop.c src/cli/stop.h \
	src/cli/train_cli.h src/cli/train_plan.c src/cli/train_progress.c
thor_SOURCES += \
	src/cli/cmd_average.c
thor_SOURCES += \
	src/cli/cmd_translate.c \
	src/cli/translate_print.c src/cli/translate_print.h
thor_SOURCES += \
	src/cli/cmd_inspect.c \
	src/cli/inspect_cli.h src/cli/inspect_losses.c src/cli/inspect_plan.c src/cli/inspect_report.c \
	src/cli/inspect_svg.c \
	src/cli/print_json.c src/cli/print_json.h
thor_SOURCES += \
	src/cli/cmd_golden.c \
	src/cli/golden_check.c \
	src/cli/golden_cli.h \
	src/cli/golden_compare.c src/cli/golden_compare_cli.h src/cli/golden_compare_json.c \
	src/cli/golden_compare_read.c \
	src/cli/golden_make.c \
	src/cli/golden_setup.c
thor_SOURCES += \
	src/cli/cmd_reproduce.c src/cli/reproduce_cli.h src/cli/reproduce_list.c
