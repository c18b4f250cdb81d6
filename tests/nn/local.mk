nn_tests = \
	tests/nn/check_attention \
	tests/nn/check_capacity \
	tests/nn/check_context \
	tests/nn/check_embed \
	tests/nn/check_experts \
	tests/nn/check_family \
	tests/nn/check_ffn \
	tests/nn/check_gelu \
	tests/nn/check_layernorm \
	tests/nn/check_linear \
	tests/nn/check_loss \
	tests/nn/check_mixture \
	tests/nn/check_rows \
	tests/nn/check_router \
	tests/nn/check_task \
	tests/nn/check_task_router
check_PROGRAMS += $(nn_tests)
TESTS += $(nn_tests)
check_LTLIBRARIES += tests/nn/libjudge.la
tests_nn_libjudge_la_SOURCES = tests/nn/judge.c tests/nn/judge.h
tests_nn_libjudge_la_LIBADD = tests/ref/libref.la

tests_nn_check_mixture_SOURCES = tests/nn/check_mixture.c tests/nn/mixture_trial.c tests/nn/mixture_trial.h

nn_test_libs = tests/nn/libjudge.la $(core_test_libs)
tests_nn_check_attention_LDADD = $(nn_test_libs)
tests_nn_check_capacity_LDADD = $(nn_test_libs)
tests_nn_check_context_LDADD = $(nn_test_libs)
tests_nn_check_embed_LDADD = $(nn_test_libs)
tests_nn_check_experts_LDADD = $(nn_test_libs)
tests_nn_check_family_LDADD = $(nn_test_libs)
tests_nn_check_ffn_LDADD = $(nn_test_libs)
tests_nn_check_gelu_LDADD = $(nn_test_libs)
tests_nn_check_layernorm_LDADD = $(nn_test_libs)
tests_nn_check_linear_LDADD = $(nn_test_libs)
tests_nn_check_loss_LDADD = $(nn_test_libs)
tests_nn_check_mixture_LDADD = $(nn_test_libs)
tests_nn_check_rows_LDADD = $(nn_test_libs)
tests_nn_check_router_LDADD = $(nn_test_libs)
tests_nn_check_task_LDADD = $(nn_test_libs)
tests_nn_check_task_router_LDADD = $(nn_test_libs)
