libcore_la_SOURCES += \
	src/model/activations.c src/model/activations.h \
	src/model/backward.c \
	src/model/batch.h \
	src/model/bind.c src/model/bind.h \
	src/model/config.c src/model/config.h src/model/config_check.c \
	src/model/decoder.c src/model/decoder.h \
	src/model/families.c src/model/families.h \
	src/model/init.c \
	src/model/keys.c src/model/keys.h \
	src/model/labels.c src/model/labels.h \
	src/model/loss_weights.c src/model/loss_weights.h \
	src/model/model.c src/model/model.h \
	src/model/network.c src/model/network.h \
	src/model/params.c src/model/params.h \
	src/model/param_parts.c src/model/param_parts.h \
	src/model/pass.c src/model/pass.h \
	src/model/recipes.c \
	src/model/sequence.c src/model/sequence.h \
	src/model/setup.c src/model/setup.h \
	src/model/sites.c src/model/sites.h \
	src/model/step.h \
	src/model/sub_attention.c \
	src/model/sub_ffn.c \
	src/model/sub_mixture.c \
	src/model/sublayer.h \
	src/model/sublayers.c \
	src/model/systems.c src/model/systems.h \
	src/model/vectors.c src/model/vectors.h \
	src/model/vectors_language.c \
	src/model/vectors_language_network.c \
	src/model/vectors_task.c \
	src/model/visit.c \
	src/model/watch.h \
	src/model/work.c src/model/work.h
