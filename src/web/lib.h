// libcurl, opened on first use: linking it would cost every start of the program several milliseconds.
#ifndef QD_WEB_LIB_H
#define QD_WEB_LIB_H

#define CURL_DISABLE_TYPECHECK  // its macros would call the functions by name
#include <curl/curl.h>

#include "base/error.h"

// Every function of libcurl that is used.
#define QD__CURL_FUNCTIONS(X) \
  X(curl_global_init)         \
  X(curl_slist_append)        \
  X(curl_slist_free_all)      \
  X(curl_easy_init)           \
  X(curl_easy_setopt)         \
  X(curl_easy_getinfo)        \
  X(curl_easy_strerror)       \
  X(curl_easy_pause)          \
  X(curl_easy_cleanup)        \
  X(curl_multi_init)          \
  X(curl_multi_setopt)        \
  X(curl_multi_assign)        \
  X(curl_multi_add_handle)    \
  X(curl_multi_remove_handle) \
  X(curl_multi_socket_action) \
  X(curl_multi_info_read)     \
  X(curl_multi_cleanup)

typedef struct qd__curl_lib {
#define QD_MEMBER(name) __typeof__(&(name)) name;  // NOLINT(bugprone-macro-parentheses): it names the member
  QD__CURL_FUNCTIONS(QD_MEMBER)
#undef QD_MEMBER
} qd__curl_lib;

// NULL with `err` filled when libcurl is not installed here. From any thread.
const qd__curl_lib *qd__curl_library(qd_error *err);

#endif
