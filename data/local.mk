# The phrasebook: sources, and the program that composes them to a corpus. It needs nothing of thor, so that it also
# compiles by hand; `make check` and `make demo` build it.
check_PROGRAMS += data/phrasebook/compose
data_phrasebook_compose_SOURCES = \
	data/phrasebook/book.c data/phrasebook/book.h \
	data/phrasebook/compose.c \
	data/phrasebook/compose_options.c data/phrasebook/compose_options.h \
	data/phrasebook/corpus.c data/phrasebook/corpus.h \
	data/phrasebook/corpus_report.c \
	data/phrasebook/corpus_write.c \
	data/phrasebook/count_table.c data/phrasebook/count_table.h \
	data/phrasebook/fail.c data/phrasebook/fail.h \
	data/phrasebook/fill_frame.c data/phrasebook/fill_frame.h \
	data/phrasebook/frames.c \
	data/phrasebook/hold_out.c \
	data/phrasebook/letters.c data/phrasebook/letters.h \
	data/phrasebook/lexicon.c \
	data/phrasebook/pool.c data/phrasebook/pool.h \
	data/phrasebook/slots.c data/phrasebook/slots.h \
	data/phrasebook/source_file.c data/phrasebook/source_file.h
data_phrasebook_compose_LDADD =
EXTRA_DIST += data/demo.sh data/phrasebook/README.md data/phrasebook/frames.txt data/phrasebook/lexicon.txt

# The README's first command: trains a small model and shows what it learnt.
demo: thor$(EXEEXT) data/phrasebook/compose$(EXEEXT)
	@THOR=./thor$(EXEEXT) COMPOSE=data/phrasebook/compose$(EXEEXT) srcdir='$(srcdir)' $(SHELL) $(srcdir)/data/demo.sh

# Golden numbers: shows what would be computed otherwise now, and overwrites nothing (make check does the quick part).
EXTRA_DIST += data/golden
# Installed for those who write the model again (thor-gpu-check(7)), so that they need no sources: a reader in Python, the
# golden folders, and a whole model that is checked against them (tests/oracle).
dist_pkgdata_DATA += data/golden.py
install-data-local:
	cd '$(srcdir)/data/golden' && for folder in */; do \
	    $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/golden/$$folder" && \
	    $(INSTALL_DATA) "$$folder"* "$(DESTDIR)$(pkgdatadir)/golden/$$folder" || exit 1; \
	done
uninstall-local:
	rm -rf "$(DESTDIR)$(pkgdatadir)/golden"
.PHONY: install-data-local uninstall-local
golden: thor$(EXEEXT)
	@THOR=./thor$(EXEEXT) srcdir='$(srcdir)' $(SHELL) $(srcdir)/data/golden/recompute.sh all

# Where the shells look for completions.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_bashcompletion_DATA = data/completion/bash/thor
dist_zshcompletion_DATA = data/completion/zsh/_thor
dist_fishcompletion_DATA = data/completion/fish/thor.fish
