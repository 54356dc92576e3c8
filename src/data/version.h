// Version of the library that this room owns.
#ifndef QD_DATA_VERSION_H
#define QD_DATA_VERSION_H

// cJSON and libyaml, as they are loaded.
const char *qd_data_cjson_version(void);
const char *qd_data_yaml_version(void);

#endif
