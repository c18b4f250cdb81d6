# The phrasebook: sources, and the program that composes them to a corpus.
EXTRA_PROGRAMS += data/phrasebook/compose
data_phrasebook_compose_SOURCES = data/phrasebook/compose.c
data_phrasebook_compose_LDADD =
EXTRA_DIST += data/demo.sh data/phrasebook/README.md data/phrasebook/frames.txt data/phrasebook/lexicon.txt

# The README's first command: trains a small model and shows what it learnt.
demo: thor$(EXEEXT) data/phrasebook/compose$(EXEEXT)
	@THOR=./thor$(EXEEXT) COMPOSE=data/phrasebook/compose$(EXEEXT) srcdir='$(srcdir)' $(SHELL) $(srcdir)/data/demo.sh
