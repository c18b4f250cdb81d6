#include "model/sequence.h"

int32_t thor_config_cls(const thor_config *config)
{
    return config->vocab.ids - config->languages.count - 1;
}

int32_t thor_config_language_token(const thor_config *config, int32_t language)
{
    return config->vocab.ids - config->languages.count + language;
}

int64_t thor_source_extra(const thor_config *config)
{
    return thor_config_has_predictor(config) ? 3 : 2;
}

int32_t *thor_source_frame(int32_t *ids, const thor_config *config, int32_t language, int64_t count)
{
    if (thor_config_has_predictor(config))
        *ids++ = thor_config_cls(config);
    *ids++ = thor_config_language_token(config, language);
    ids[count] = THOR_ID_EOS;
    return ids;
}

void thor_target_frame(int32_t *in, int32_t *out, const thor_config *config, int32_t language, int64_t count)
{
    in[0] = THOR_ID_EOS;
    in[1] = out[0] = thor_config_language_token(config, language);
    out[count + 1] = THOR_ID_EOS;
}
