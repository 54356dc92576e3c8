// The one-NAS file of version 0.2 (config.yaml), taken over once.
#ifndef QD_PROFILE_LEGACY_H
#define QD_PROFILE_LEGACY_H

#include "profile/store.h"

// When `home` holds a config.yaml and no profiles.yaml: writes the profile "default" from it and renames it to config.yaml.bak.
// *out_taken says whether that happened. Errors: as the store's, for either file.
QD_MUST_USE qd_status qd_profiles_take_over(const char *home, bool *out_taken, qd_error *err);

#endif
