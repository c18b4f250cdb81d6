# The README's first command: trains a small model and shows what it learnt.
demo: thor$(EXEEXT)
	THOR='$(abs_top_builddir)/thor$(EXEEXT)' srcdir='$(srcdir)' $(SHELL) $(srcdir)/data/demo.sh
