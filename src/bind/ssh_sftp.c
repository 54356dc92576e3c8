// Files on the server: the SFTP methods of a session. The names are those of core.fs where they do the same.
#include <sys/stat.h>

#include "bind/convert.h"
#include "bind/ssh.h"

#define READ_DEFAULT ((lua_Integer)16 << 20)
#define READ_MAX ((lua_Integer)1 << 30)

typedef struct sftp_op {
  qd_op base;
  qd_ssh_sftp_op *request;  // NULL: answered
  qd_ssh_sftp_verb verb;
  qd_buf data;
  qd_json *list;  // what stat and list give
} sftp_op;

static const char *type_name(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "link";
    default:
      return "other";
  }
}

static void set_int(qd_json *o, const char *name, uint64_t v) {
  qd_json_set(o, qd_slice_of(name), qd_json_int(v > INT64_MAX ? INT64_MAX : (int64_t)v));
}

static qd_json *describe(const qd_ssh_stat *st) {
  qd_json *o = qd_json_object();
  qd_json_set(o, QD_SLICE("type"), qd_json_string(qd_slice_of(type_name(st->mode))));
  set_int(o, "size", st->size);
  set_int(o, "mtime", st->mtime);
  set_int(o, "mode", st->mode & 07777);
  set_int(o, "uid", st->uid);
  set_int(o, "gid", st->gid);
  return o;
}

static void on_done(void *ctx, const qd_ssh_sftp_result *r, const qd_error *err) {
  sftp_op *o = ctx;
  o->request = NULL;
  if (!err && o->verb == QD_SFTP_READ) (void)qd_buf_add(&o->data, r->data.p, r->data.n);
  if (!err && o->verb == QD_SFTP_STAT) o->list = describe(&r->stat);
  if (!err && o->verb == QD_SFTP_READDIR) {
    o->list = qd_json_array();
    for (size_t i = 0; i < r->count; i++) {
      qd_json *entry = describe(&r->entries[i].stat);
      qd_json_set(entry, QD_SLICE("name"), qd_json_string(qd_slice_of(r->entries[i].name)));
      qd_json_append(o->list, entry);
    }
  }
  qd_op_done(&o->base, err);
}

static void op_cancel(qd_op *op) {
  sftp_op *o = (sftp_op *)op;
  if (o->request) qd_ssh_sftp_cancel(o->request);
  o->request = NULL;
  qd_op_done(op, NULL);
}

static void op_drop(qd_op *op) {
  sftp_op *o = (sftp_op *)op;
  qd_buf_deinit(&o->data);
  qd_json_free(o->list);
}

static int op_push(lua_State *L, qd_op *op) {
  sftp_op *o = (sftp_op *)op;
  if (o->verb == QD_SFTP_READ) {
    lua_pushlstring(L, o->data.p ? o->data.p : "", o->data.n);
    return 1;
  }
  if (!o->list) return 0;
  qd_push_json(L, o->list);
  return 1;
}

static const qd_op_kind SFTP = {.name = "SFTP", .size = sizeof(sftp_op), .push = op_push, .cancel = op_cancel, .drop = op_drop};

static int start(lua_State *L, const qd_ssh_sftp_request *request) {
  qd__ssh_box *box = qd__ssh_check(L);
  luaL_argcheck(L, request->path[0], 2, "a path expected");
  sftp_op *o = (sftp_op *)qd_op_push(L, &SFTP);  // op
  o->verb = request->verb;
  qd_buf_init(&o->data, request->max);
  if (!box->sftp) box->sftp = qd_ssh_sftp_new(box->ssh);
  o->request = qd_ssh_sftp_start(box->sftp, request, on_done, o);
  qd_op_start(&o->base, 0);
  return qd_await(L, &o->base);
}

static uint32_t opt_mode(lua_State *L, int arg, lua_Integer otherwise) {
  lua_Integer mode = luaL_optinteger(L, arg, otherwise);
  luaL_argcheck(L, mode >= 0 && mode <= 07777, arg, "permission bits expected");
  return (uint32_t)mode;
}

// session:read_file(path[, max]) -> bytes                                                 yields
static int l_read_file(lua_State *L) {
  lua_Integer max = luaL_optinteger(L, 3, READ_DEFAULT);
  luaL_argcheck(L, max >= 0 && max <= READ_MAX, 3, "0 to 1 GiB expected");
  return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_READ, .path = luaL_checkstring(L, 2), .max = (size_t)max});
}

// session:write_file(path, bytes[, mode])                                                 yields
static int l_write_file(lua_State *L) {
  qd_slice data = qd_check_slice(L, 3);
  return start(L,
               &(qd_ssh_sftp_request){.verb = QD_SFTP_WRITE, .path = luaL_checkstring(L, 2), .data = data, .mode = opt_mode(L, 4, 0644)});
}

// session:stat(path) -> {type=, size=, mtime=, mode=, uid=, gid=}                         yields
static int l_stat(lua_State *L) { return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_STAT, .path = luaL_checkstring(L, 2)}); }

// session:list(path) -> {{name=, type=, ...}, ...}                                        yields
static int l_list(lua_State *L) { return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_READDIR, .path = luaL_checkstring(L, 2)}); }

// session:mkdir(path[, mode])                                                             yields
static int l_mkdir(lua_State *L) {
  return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_MKDIR, .path = luaL_checkstring(L, 2), .mode = opt_mode(L, 3, 0755)});
}

// session:rename(from, to)                                                                yields
static int l_rename(lua_State *L) {
  return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_RENAME, .path = luaL_checkstring(L, 2), .to = luaL_checkstring(L, 3)});
}

// session:remove(path): a file                                                            yields
static int l_remove(lua_State *L) { return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_REMOVE, .path = luaL_checkstring(L, 2)}); }

// session:rmdir(path): an empty directory                                                 yields
static int l_rmdir(lua_State *L) { return start(L, &(qd_ssh_sftp_request){.verb = QD_SFTP_RMDIR, .path = luaL_checkstring(L, 2)}); }

const luaL_Reg qd__ssh_sftp_methods[] = {{"read_file", l_read_file}, {"write_file", l_write_file}, {"stat", l_stat},
                                         {"list", l_list},           {"mkdir", l_mkdir},           {"rename", l_rename},
                                         {"remove", l_remove},       {"rmdir", l_rmdir},           {NULL, NULL}};
