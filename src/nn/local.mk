libcore_la_SOURCES += \
	src/nn/attention.c src/nn/attention.h \
	src/nn/capacity.c src/nn/capacity.h \
	src/nn/choices.h \
	src/nn/context.c src/nn/context.h \
	src/nn/embed.c \
	src/nn/experts.c src/nn/experts.h \
	src/nn/ffn.c src/nn/ffn.h \
	src/nn/heads.c src/nn/heads.h \
	src/nn/layernorm.c \
	src/nn/linear.c \
	src/nn/loss.c \
	src/nn/mixture.c src/nn/mixture.h \
	src/nn/nn.h \
	src/nn/router.c src/nn/router.h \
	src/nn/rows.c \
	src/nn/task.c src/nn/task.h \
	src/nn/task_router.c src/nn/task_router.h
