// Inside ssh/: libssh2 and libcrypto, opened on first use (loading them takes longer than all else that a command does before it speaks to
// the connection holder). The one list of their functions, which are called by their own names; it stands for their headers.
#ifndef QD_SSH_LIB_H
#define QD_SSH_LIB_H

#include <stdint.h>

#include <libssh2.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "base/error.h"

#if LIBSSH2_VERSION_NUM >= 0x010b01
#define QD__SSH2_CALLBACK_SET libssh2_session_callback_set2
#else
#define QD__SSH2_CALLBACK_SET libssh2_session_callback_set
#endif

#define QD__SSH2_FUNCTIONS(X)                 \
  X(libssh2_channel_close)                    \
  X(libssh2_channel_eof)                      \
  X(libssh2_channel_free)                     \
  X(libssh2_channel_get_exit_signal)          \
  X(libssh2_channel_get_exit_status)          \
  X(libssh2_channel_open_ex)                  \
  X(libssh2_channel_process_startup)          \
  X(libssh2_channel_read_ex)                  \
  X(libssh2_channel_receive_window_adjust2)   \
  X(libssh2_channel_send_eof)                 \
  X(libssh2_channel_setenv_ex)                \
  X(libssh2_channel_wait_closed)              \
  X(libssh2_channel_window_read_ex)           \
  X(libssh2_channel_write_ex)                 \
  X(libssh2_free)                             \
  X(libssh2_init)                             \
  X(libssh2_keepalive_config)                 \
  X(libssh2_keepalive_send)                   \
  X(libssh2_session_abstract)                 \
  X(libssh2_session_banner_get)               \
  X(libssh2_session_block_directions)         \
  X(libssh2_session_disconnect_ex)            \
  X(libssh2_session_free)                     \
  X(libssh2_session_handshake)                \
  X(libssh2_session_hostkey)                  \
  X(libssh2_session_init_ex)                  \
  X(libssh2_session_last_errno)               \
  X(libssh2_session_last_error)               \
  X(libssh2_session_method_pref)              \
  X(libssh2_session_methods)                  \
  X(libssh2_session_set_blocking)             \
  X(libssh2_session_supported_algs)           \
  X(libssh2_userauth_authenticated)           \
  X(libssh2_userauth_keyboard_interactive_ex) \
  X(libssh2_userauth_list)                    \
  X(libssh2_userauth_password_ex)             \
  X(libssh2_userauth_publickey)               \
  X(libssh2_userauth_publickey_frommemory)    \
  X(libssh2_version)                          \
  X(QD__SSH2_CALLBACK_SET)

#define QD__CRYPTO_FUNCTIONS(X) \
  X(BIO_free)                   \
  X(BIO_new_mem_buf)            \
  X(CRYPTO_memcmp)              \
  X(EVP_Digest)                 \
  X(EVP_EncodeBlock)            \
  X(EVP_PKEY_free)              \
  X(EVP_PKEY_get_base_id)       \
  X(EVP_sha1)                   \
  X(EVP_sha256)                 \
  X(HMAC)                       \
  X(OPENSSL_thread_stop)        \
  X(PEM_read_bio_PrivateKey)

typedef struct qd__ssh_lib {
#define QD_MEMBER(name) __typeof__(&(name)) name;  // NOLINT(bugprone-macro-parentheses): it names the member
  QD__SSH2_FUNCTIONS(QD_MEMBER)
  QD__CRYPTO_FUNCTIONS(QD_MEMBER)
#undef QD_MEMBER
} qd__ssh_lib;

// Whether both are there; from any thread. Errors: QD_UNSUPPORTED "no_libssh2", with the package to install.
QD_MUST_USE qd_status qd__ssh_library_ready(qd_error *err);
// libssh2_session_callback_set, whose name differs between versions. fn: the function's address, 0 for none.
void qd__ssh_callback_set(LIBSSH2_SESSION *session, int type, uintptr_t fn);
// Their functions. Where they are not there, the process ends with that error.
const qd__ssh_lib *qd__ssh_library(void);

#ifndef QD__SSH_LIB_INSIDE
#define libssh2_channel_close (qd__ssh_library()->libssh2_channel_close)
#define libssh2_channel_eof (qd__ssh_library()->libssh2_channel_eof)
#define libssh2_channel_free (qd__ssh_library()->libssh2_channel_free)
#define libssh2_channel_get_exit_signal (qd__ssh_library()->libssh2_channel_get_exit_signal)
#define libssh2_channel_get_exit_status (qd__ssh_library()->libssh2_channel_get_exit_status)
#define libssh2_channel_open_ex (qd__ssh_library()->libssh2_channel_open_ex)
#define libssh2_channel_process_startup (qd__ssh_library()->libssh2_channel_process_startup)
#define libssh2_channel_read_ex (qd__ssh_library()->libssh2_channel_read_ex)
#define libssh2_channel_receive_window_adjust2 (qd__ssh_library()->libssh2_channel_receive_window_adjust2)
#define libssh2_channel_send_eof (qd__ssh_library()->libssh2_channel_send_eof)
#define libssh2_channel_setenv_ex (qd__ssh_library()->libssh2_channel_setenv_ex)
#define libssh2_channel_wait_closed (qd__ssh_library()->libssh2_channel_wait_closed)
#define libssh2_channel_window_read_ex (qd__ssh_library()->libssh2_channel_window_read_ex)
#define libssh2_channel_write_ex (qd__ssh_library()->libssh2_channel_write_ex)
#define libssh2_free (qd__ssh_library()->libssh2_free)
#define libssh2_init (qd__ssh_library()->libssh2_init)
#define libssh2_keepalive_config (qd__ssh_library()->libssh2_keepalive_config)
#define libssh2_keepalive_send (qd__ssh_library()->libssh2_keepalive_send)
#define libssh2_session_abstract (qd__ssh_library()->libssh2_session_abstract)
#define libssh2_session_banner_get (qd__ssh_library()->libssh2_session_banner_get)
#define libssh2_session_block_directions (qd__ssh_library()->libssh2_session_block_directions)
#define libssh2_session_disconnect_ex (qd__ssh_library()->libssh2_session_disconnect_ex)
#define libssh2_session_free (qd__ssh_library()->libssh2_session_free)
#define libssh2_session_handshake (qd__ssh_library()->libssh2_session_handshake)
#define libssh2_session_hostkey (qd__ssh_library()->libssh2_session_hostkey)
#define libssh2_session_init_ex (qd__ssh_library()->libssh2_session_init_ex)
#define libssh2_session_last_errno (qd__ssh_library()->libssh2_session_last_errno)
#define libssh2_session_last_error (qd__ssh_library()->libssh2_session_last_error)
#define libssh2_session_method_pref (qd__ssh_library()->libssh2_session_method_pref)
#define libssh2_session_methods (qd__ssh_library()->libssh2_session_methods)
#define libssh2_session_set_blocking (qd__ssh_library()->libssh2_session_set_blocking)
#define libssh2_session_supported_algs (qd__ssh_library()->libssh2_session_supported_algs)
#define libssh2_userauth_authenticated (qd__ssh_library()->libssh2_userauth_authenticated)
#define libssh2_userauth_keyboard_interactive_ex (qd__ssh_library()->libssh2_userauth_keyboard_interactive_ex)
#define libssh2_userauth_list (qd__ssh_library()->libssh2_userauth_list)
#define libssh2_userauth_password_ex (qd__ssh_library()->libssh2_userauth_password_ex)
#define libssh2_userauth_publickey (qd__ssh_library()->libssh2_userauth_publickey)
#define libssh2_userauth_publickey_frommemory (qd__ssh_library()->libssh2_userauth_publickey_frommemory)
#define libssh2_version (qd__ssh_library()->libssh2_version)
#define BIO_free (qd__ssh_library()->BIO_free)
#define BIO_new_mem_buf (qd__ssh_library()->BIO_new_mem_buf)
#define CRYPTO_memcmp (qd__ssh_library()->CRYPTO_memcmp)
#define EVP_Digest (qd__ssh_library()->EVP_Digest)
#define EVP_EncodeBlock (qd__ssh_library()->EVP_EncodeBlock)
#define EVP_PKEY_free (qd__ssh_library()->EVP_PKEY_free)
#define EVP_PKEY_get_base_id (qd__ssh_library()->EVP_PKEY_get_base_id)
#define EVP_sha1 (qd__ssh_library()->EVP_sha1)
#define EVP_sha256 (qd__ssh_library()->EVP_sha256)
#define HMAC (qd__ssh_library()->HMAC)
#define OPENSSL_thread_stop (qd__ssh_library()->OPENSSL_thread_stop)
#define PEM_read_bio_PrivateKey (qd__ssh_library()->PEM_read_bio_PrivateKey)
#endif

#endif
