// Version of the library that this room owns.
#ifndef QD_LOOP_VERSION_H
#define QD_LOOP_VERSION_H

// libuv, as it is loaded ("1.44.2").
const char *qd_loop_uv_version(void);

#endif
