# Builds the digest program from the sources of the core alone: no configure, no JSON, no Unicode, no BLAS, no OpenMP
# unless CFLAGS asks for it. For compilers and machines that have no packages of libraries.
#   make -f tests/cross/core.mk SOURCE=folder OUT=folder CC=compiler ISAS="scalar neon" CFLAGS=-O2 LDFLAGS=-static
SOURCE ?= .
OUT ?= core
ISAS ?= scalar
CFLAGS ?= -O2

# What configure puts before and behind the user's flags.
always = -std=c11 -ffp-contract=off -fno-math-errno -D_POSIX_C_SOURCE=200809L -DNDEBUG \
	-I$(SOURCE)/src -I$(SOURCE)
scalar_flags = -DTHOR_ISA_SCALAR=1 -fno-tree-slp-vectorize
neon_flags = -DTHOR_ISA_NEON=1
avx2_flags = -DTHOR_ISA_AVX2=1 -mavx2 -mfma
avx512_flags = -DTHOR_ISA_AVX512=1 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx2 -mfma
have_neon = -DTHOR_HAVE_NEON=1
have_avx2 = -DTHOR_HAVE_AVX2=1
have_avx512 = -DTHOR_HAVE_AVX512=1
have = $(foreach isa,$(ISAS),$(have_$(isa)))

# Everything that stands in libcore.la: blas.c and cluster/mpi*.c are the files of these folders that do not.
plain := $(filter-out %/cluster/mpi%,$(wildcard $(foreach folder,base nn model cluster train,$(SOURCE)/src/$(folder)/*.c))) \
	$(filter-out %/blas.c %/kernel_table.c $(wildcard $(SOURCE)/simd/k_*.c),$(wildcard $(SOURCE)/simd/*.c)) \
	$(SOURCE)/tests/cross/core_digest.c $(SOURCE)/tests/cross/shards_digest.c
kernels := $(wildcard $(SOURCE)/simd/k_*.c) $(SOURCE)/simd/kernel_table.c
objects := $(patsubst $(SOURCE)/%.c,$(OUT)/%.o,$(plain)) \
	$(foreach isa,$(ISAS),$(patsubst $(SOURCE)/simd/%.c,$(OUT)/$(isa)/%.o,$(kernels)))

$(OUT)/core_digest: $(objects)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(objects) -lm -lpthread

$(OUT)/%.o: $(SOURCE)/%.c
	@mkdir -p $(@D)
	@$(CC) $(always) $(have) $(CFLAGS) -ffp-contract=off -c -o $@ $<

define kernels_of
$(OUT)/$(1)/%.o: $(SOURCE)/simd/%.c
	@mkdir -p $$(@D)
	@$$(CC) $$(always) $$(have) $$($(1)_flags) $$(CFLAGS) -ffp-contract=off -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call kernels_of,$(isa))))
