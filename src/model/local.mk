libcore_la_SOURCES += src/model/batch.h src/model/config.h src/model/model.h src/model/params.h src/model/pass.h
