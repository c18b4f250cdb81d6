libcore_la_SOURCES += \
	src/nn/attention.c src/nn/attention.h \
	src/nn/blend_residual.c \
	src/nn/candidates_fixed.c \
	src/nn/candidates_language.c \
	src/nn/candidates_task.c \
	src/nn/capacity.c src/nn/capacity.h \
	src/nn/choices.h \
	src/nn/context.c src/nn/context.h \
	src/nn/embed.c \
	src/nn/experts.c src/nn/experts.h \
	src/nn/family.c src/nn/family.h \
	src/nn/ffn.c src/nn/ffn.h \
	src/nn/gelu.c src/nn/gelu.h \
	src/nn/heads.c src/nn/heads.h \
	src/nn/input_context.c \
	src/nn/input_language.c \
	src/nn/input_row.c \
	src/nn/layernorm.c \
	src/nn/linear.c \
	src/nn/loss.c \
	src/nn/losses.h \
	src/nn/mixture.c src/nn/mixture.h \
	src/nn/nn.h \
	src/nn/residual.c \
	src/nn/router.c src/nn/router.h \
	src/nn/rows.c \
	src/nn/shared.h \
	src/nn/site_line.h \
	src/nn/stages.h \
	src/nn/task.c src/nn/task.h \
	src/nn/task_router.c src/nn/task_router.h \
	src/nn/viewer.h \
	src/nn/weights.c src/nn/weights.h
