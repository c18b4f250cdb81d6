# make installcheck: what was installed works, for somebody who has nothing but it.
EXTRA_DIST += tests/install/consumer.c tests/install/installed.sh
dist_check_SCRIPTS += tests/install/exports.sh
TESTS += tests/install/exports.sh

installcheck-local:
	PREFIX='$(prefix)' DESTDIR='$(DESTDIR)' srcdir='$(srcdir)' CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' \
		INSTALLED_CFLAGS='$(SANITIZER_CFLAGS)' $(SHELL) $(srcdir)/tests/install/installed.sh
.PHONY: installcheck-local
