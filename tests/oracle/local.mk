# The model a second time, in PyTorch: judge of golden folders, and the example for whoever writes it for a GPU.
oracle_tests = \
	tests/oracle/check_oracle.sh \
	tests/oracle/faults.sh \
	tests/oracle/folders.sh \
	tests/oracle/planted.py \
	tests/oracle/python.sh \
	tests/oracle/self_test.py \
	tests/oracle/self_test_folders.py \
	tests/oracle/self_test_systems.py
EXTRA_DIST += $(oracle_tests)

# The model itself is installed (thor-gpu-check(7)).
oracledir = $(pkgdatadir)/oracle
dist_oracle_DATA = \
	tests/oracle/batch.py \
	tests/oracle/check.py \
	tests/oracle/faults.py \
	tests/oracle/folder.py \
	tests/oracle/initial.py \
	tests/oracle/languages.py \
	tests/oracle/layers.py \
	tests/oracle/losses.py \
	tests/oracle/mixture.py \
	tests/oracle/model.py \
	tests/oracle/optimizer.py \
	tests/oracle/philox.py \
	tests/oracle/precision.py \
	tests/oracle/report.py \
	tests/oracle/routing.py \
	tests/oracle/safetensors_io.py \
	tests/oracle/settings.py \
	tests/oracle/step.py \
	tests/oracle/ties.py \
	tests/oracle/verify.py

# Without PyTorch this says so and is done; THOR_REQUIRE_ORACLE=1 makes that an error.
check-oracle: thor$(EXEEXT)
	$(AM_TESTS_ENVIRONMENT) srcdir='$(srcdir)' $(SHELL) $(srcdir)/tests/oracle/check_oracle.sh || test $$? = 77

.PHONY: check-oracle
