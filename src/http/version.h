// Version of the library that this room owns.
#ifndef QD_HTTP_VERSION_H
#define QD_HTTP_VERSION_H

// llhttp, as it was compiled in ("8.1.0").
const char *qd_http_llhttp_version(void);

#endif
