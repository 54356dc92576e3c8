// Contract in version.h.
#include "data/version.h"

#include <cjson/cJSON.h>
#include <yaml.h>

const char *qd_data_cjson_version(void) { return cJSON_Version(); }

const char *qd_data_yaml_version(void) { return yaml_get_version_string(); }
