libparts_la_SOURCES += \
	src/reproduce/accuracy_table.c \
	src/reproduce/claim_rankings.c \
	src/reproduce/claim_tests.c src/reproduce/claim_tests.h \
	src/reproduce/claims.c \
	src/reproduce/columns.c src/reproduce/columns.h \
	src/reproduce/cost_json.c \
	src/reproduce/cost_tables.c \
	src/reproduce/data_json.c \
	src/reproduce/document.c src/reproduce/document.h \
	src/reproduce/document_html.c \
	src/reproduce/document_json.c src/reproduce/document_json.h \
	src/reproduce/document_markdown.c \
	src/reproduce/document_text.c \
	src/reproduce/job_plan.c src/reproduce/job_plan.h \
	src/reproduce/job_results.c src/reproduce/job_results.h \
	src/reproduce/json_fields.c src/reproduce/json_fields.h \
	src/reproduce/kmeans.c src/reproduce/kmeans.h \
	src/reproduce/out_record.c src/reproduce/out_record.h \
	src/reproduce/paper.c src/reproduce/paper.h \
	src/reproduce/quality_tables.c \
	src/reproduce/report_parts.c src/reproduce/report_parts.h \
	src/reproduce/reproduce_report.c src/reproduce/reproduce_report.h \
	src/reproduce/routing_json.c \
	src/reproduce/routing_tables.c \
	src/reproduce/samples.c src/reproduce/samples.h \
	src/reproduce/score_test.c src/reproduce/score_test.h \
	src/reproduce/scores_json.c \
	src/reproduce/job.c \
	src/reproduce/job_parts.c src/reproduce/job_parts.h \
	src/reproduce/job_cost.c \
	src/reproduce/job_routing.c \
	src/reproduce/job_settings.c \
	src/reproduce/job_translate.c \
	src/reproduce/reproduce_open.c src/reproduce/reproduction.h \
	src/reproduce/similarity.c src/reproduce/similarity.h \
	src/reproduce/table_list.c src/reproduce/table_list.h

# The paper's figures are compiled in, so that a program that is moved has them, and installed, so that others may read
# them.
dist_pkgdata_DATA += data/paper/paper-figures.tsv
nodist_libparts_la_SOURCES = src/reproduce/paper_figures.c
src/reproduce/paper_figures.c: data/paper/paper-figures.tsv src/reproduce/local.mk
	@$(MKDIR_P) src/reproduce
	$(AM_V_GEN)awk -F '\t' 'BEGIN { print "#include \"reproduce/paper.h\"\n\nconst thor_paper_figure thor_figures[] = {" } \
	    !/^#/ { gsub(/["\\]/, "\\\\&"); count++; \
	            printf "    { \"%s\", \"%s\", \"%s\", \"%s\", %s,\n      \"%s\" },\n", $$1, $$2, $$3, $$4, $$5, $$6 } \
	    END { print "};\n\nconst size_t thor_figure_count = " count ";" }' \
	    '$(srcdir)/data/paper/paper-figures.tsv' > $@.part && mv $@.part $@
CLEANFILES += src/reproduce/paper_figures.c
