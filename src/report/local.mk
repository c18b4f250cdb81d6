libparts_la_SOURCES += \
	src/report/chart.c src/report/chart.h \
	src/report/heatmap.c src/report/heatmap.h \
	src/report/svg.c src/report/svg.h \
	src/report/table.c src/report/table.h
libparts_la_SOURCES += \
	src/report/compare.c src/report/compare.h \
	src/report/compare_flow.c \
	src/report/compare_judge.c src/report/compare_judge.h \
	src/report/compare_limits.c \
	src/report/compare_pair.c \
	src/report/compare_pattern.c \
	src/report/compare_relu.c \
	src/report/compare_routing.c \
	src/report/compare_step.c src/report/compare_step.h \
	src/report/compare_table.c \
	src/report/golden_order.c src/report/golden_order.h
